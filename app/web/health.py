"""For machines that watch the hub: alive, ready, metrics."""

import functools
import ipaddress
from datetime import timedelta

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from app.config import Settings
from app.db import alembic_config
from app.errors import NotAllowed
from app.hub import Hub
from app.models import Case, Message, RefusedRequest
from app.web.deps import HubDep, Tx

router = APIRouter(include_in_schema=False)

WORKER_STALE = timedelta(seconds=60)  # workers report every 10 seconds
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


@router.get("/healthz")
async def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(hub: HubDep) -> Response:
    """503 while requests can't be served. A stale worker is told but fails nothing: pages and webhooks still work."""
    try:
        async with hub.db.transaction() as session:
            version = await session.scalar(sa.text("select version_num from alembic_version"))
            worker = await worker_state(session)
    except SQLAlchemyError:
        return JSONResponse({"status": "unavailable", "database": "away"}, status_code=503)
    current = version == newest_migration(hub.db.url)
    report = {
        "status": "ok" if current else "unavailable",
        "database": "ok",
        "migrations": "current" if current else "outdated",
        "worker": worker,
        "live_events": "ok" if hub.feed.connected.is_set() else "away",
    }
    return JSONResponse(report, status_code=200 if current else 503)


@router.get("/metrics")
async def metrics(request: Request, hub: HubDep, tx: Tx) -> Response:
    if not may_read_metrics(request, hub.settings):
        raise NotAllowed("Metrics are for the hub's own network.")
    body = generate_latest(REGISTRY) + generate_latest(await _measure(tx, hub))
    return Response(body, media_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: Request, settings: Settings) -> bool:
    """From this machine or a trusted network, and directly: through a proxy everybody would seem to be near."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in trusted_networks(settings))


def trusted_networks(settings: Settings) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    parts = [part.strip() for part in settings.trusted_proxies.split(",")]
    return [ipaddress.ip_network(part, strict=False) for part in parts if part and part != "*"]


@functools.cache
def newest_migration(url: str) -> str | None:
    return ScriptDirectory.from_config(alembic_config(url)).get_current_head()


async def worker_state(session: AsyncSession) -> str:
    """ok, stale, none."""
    age = await session.scalar(sa.text("select now() - max(last_heartbeat) from procrastinate_workers"))
    if age is None:
        return "none"
    return "ok" if age < WORKER_STALE else "stale"


async def _measure(session: AsyncSession, hub: Hub) -> CollectorRegistry:
    """Numbers about the whole hub, read when asked: every process gives the same."""
    registry = CollectorRegistry()
    outbox = Gauge("streetwork_outbox_messages", "Messages on their way", ["status"], registry=registry)
    waiting = sa.select(Message.status, sa.func.count()).where(
        Message.direction == "out", Message.status.in_(("queued", "sending"))
    )
    for status, count in await session.execute(waiting.group_by(Message.status)):
        outbox.labels(status).set(count)
    open_cases = Gauge("streetwork_open_cases", "Cases that are not closed", ["urgency"], registry=registry)
    not_closed = sa.select(Case.urgency, sa.func.count()).where(Case.status != "closed")
    for urgency, count in await session.execute(not_closed.group_by(Case.urgency)):
        open_cases.labels(urgency).set(count)
    refused = Gauge("streetwork_refused_requests", "Not from the provider", ["channel", "reason"], registry=registry)
    totals = sa.select(RefusedRequest.channel_name, RefusedRequest.reason, sa.func.sum(RefusedRequest.count))
    for channel, reason, count in await session.execute(totals.group_by(*totals.selected_columns[:2])):
        refused.labels(channel, reason).set(count)
    live = Gauge("streetwork_live_events_connected", "This process hears of changes", registry=registry)
    live.set(hub.feed.connected.is_set())
    return registry
