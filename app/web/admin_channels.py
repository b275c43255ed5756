"""Channels and how they are doing; asking their providers, as `streetwork channel check` does."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.channel_health import health_of_all, troubles
from app.errors import NotFound
from app.hub import Hub
from app.polling import is_polled, webhook_url
from app.web.deps import AdminDep, HubDep, Tx
from app.web.health import worker_state
from app.web.pages import is_fragment, render
from channels.base import Finding

router = APIRouter(prefix="/admin/channels", include_in_schema=False)

ANSWER_SECONDS = 20.0
Findings = Mapping[int, Sequence[Finding]]


@router.get("")
async def channels_page(request: Request, hub: HubDep, tx: Tx, user: AdminDep) -> Response:
    return await _page(request, hub, tx)


@router.post("/{channel_id}/check")
async def check(request: Request, hub: HubDep, tx: Tx, user: AdminDep, channel_id: int) -> Response:
    channel = hub.registry.by_id(channel_id)
    if channel is None:
        raise NotFound("There is no such channel.")
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            findings = await channel.adapter.check(webhook_url(hub, channel))
    except TimeoutError:
        findings = [Finding("no_answer", False)]
    if is_fragment(request):
        return render(request, "admin/_findings.html", findings=findings, channel_id=channel_id)
    return await _page(request, hub, tx, {channel_id: findings})


async def _page(request: Request, hub: Hub, tx: AsyncSession, checked: Findings = MappingProxyType({})) -> Response:
    health = await health_of_all(hub, tx)
    waiting, set_aside = await asyncio.to_thread(request.app.state.spool.state)
    return render(
        request,
        "admin/channels.html",
        channels=[(each, troubles(each, hub.now())) for each in health],
        polled={channel.id for channel in hub.registry.all() if is_polled(channel)},
        addresses={channel.id: webhook_url(hub, channel) for channel in hub.registry.all()},
        worker=await worker_state(tx),
        spool_waiting=waiting,
        spool_set_aside=set_aside,
        checked=checked,
    )
