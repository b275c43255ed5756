"""Where providers deliver: verify, parse, store, answer. Nothing else happens in the request."""

import asyncio
import builtins
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from app.hub import Hub
from app.intake import take_in
from app.refused import count_refused
from app.registry import LiveChannel
from app.spool import CantStore, Spool
from channels.base import InboundEdit, Item, NotFromProvider, Parsed, WebhookRequest

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

MAX_BODY = 4 * 1024 * 1024  # Meta sends up to 3 MB
STORE_SECONDS = 8.0  # after that the spool is surer; Twilio waits 15 s in all
DATABASE_AWAY = (OperationalError, InterfaceError, TimeoutError, asyncio.TimeoutError, OSError)

RECEIVED = Counter("streetwork_webhooks_total", "Webhook requests by channel and outcome", ["channel", "outcome"])


def hub_and_spool(request: Request) -> tuple[Hub, Spool]:
    return request.app.state.hub, request.app.state.spool


State = Annotated[tuple[Hub, Spool], Depends(hub_and_spool)]


@router.api_route("/webhooks/{name}", methods=["GET", "POST"])
@router.api_route("/webhooks/{name}/{suffix}", methods=["GET", "POST"])
async def receive(request: Request, state: State, name: str, suffix: str = "") -> Response:
    hub, spool = state
    channel = hub.registry.by_name(name)
    if channel is None or suffix not in ("", "status"):
        return Response(status_code=404)
    received = await read_request(hub, request, suffix)
    if received is None:
        return Response(status_code=413)
    try:
        channel.adapter.verify(received)
    except NotFromProvider as error:
        RECEIVED.labels(name, "refused").inc()
        await count_refused(hub, name, error.reason)
        return Response(status_code=403)
    return await keep(hub, spool, channel, received)


async def keep(hub: Hub, spool: Spool, channel: LiveChannel, received: WebhookRequest) -> Response:
    """Store the request's items, or the request itself where the database can't be reached."""
    parsed = channel.adapter.parse(received)
    for reason in parsed.unused:
        log.info("channel %s: not used: %s", channel.name, reason)
    outcome = "stored"
    if parsed.items:
        try:
            if spool.pending():
                raise builtins.TimeoutError
            await asyncio.wait_for(store(hub, channel, parsed), STORE_SECONDS)
        except DATABASE_AWAY:
            outcome = "spooled"
            await spool.put(channel.name, received)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            outcome = "spooled"
            await spool.put(channel.name, received)
    RECEIVED.labels(channel.name, outcome).inc()
    answer = channel.adapter.answer(parsed)
    return Response(answer.body, status_code=answer.status, media_type=answer.content_type)


async def read_request(hub: Hub, request: Request, suffix: str) -> WebhookRequest | None:
    """The request as its provider sent it; None where its body is larger than any provider's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    query = f"?{request.url.query}" if request.url.query else ""
    return WebhookRequest(
        method=request.method,
        url=f"{hub.settings.base_url}{request.url.path}{query}",
        headers={key.lower(): value for key, value in request.headers.items()},
        body=bytes(body),
        path_suffix=suffix,
    )


async def store(hub: Hub, channel: LiveChannel, parsed: Parsed) -> None:
    """Into the channel, or where items name another of our numbers (one webhook serves a whole Meta app) into that."""
    items: dict[int, list[Item]] = {}
    strangers = False
    for item in parsed.items:
        account = item.message.account if isinstance(item, InboundEdit) else item.account
        owner = hub.registry.by_account(channel.kind, account) if account else channel
        if owner is None:
            strangers = True
        else:
            items.setdefault(owner.id, []).append(item)
    if strangers:
        await count_refused(hub, channel.name, "unknown_number")
    for channel_id, found in items.items():
        owner = hub.registry.by_id(channel_id)
        if owner is not None:
            await take_in(hub, owner, Parsed(tuple(found)))


async def replay(hub: Hub, spool: Spool) -> int:
    """Store what waited in the spool. Raises while the database is still away."""

    async def keep_again(name: str, received: WebhookRequest) -> None:
        channel = hub.registry.by_name(name)
        if channel is None:
            raise CantStore(f"channel {name} is gone")
        await store(hub, channel, channel.adapter.parse(received))

    return await spool.replay(keep_again)
