"""Web Push: browsers that want to be woken, the hub's own key pair, and one wake-up sent by a job.

What is pushed has no content: that something waits, and the number of the case, which opens after signing in only.
"""

import base64
import binascii
import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pywebpush import Vapid, WebPusher
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.duty import roster
from app.errors import BadInput, NotFound
from app.hub import Hub
from app.models import Case, Presence, Push, PushSubscription, Setting, User
from app.news import wants_news
from app.presence import FRESH
from app.rights import visible_cases

log = logging.getLogger(__name__)

VAPID = "vapid"  # setting: the key pair with which the hub shows push services who it is
SUBSCRIPTIONS_PER_USER = 10
ENDPOINT_CHARS = 1000
MAX_ATTEMPTS = 6
WORTH = timedelta(hours=4)  # a call that came later would only confuse
PROOF_LIFE = timedelta(hours=12)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where and with which keys a browser wants to be woken, as it gave them."""

    endpoint: str
    p256dh: str
    auth: str
    device: str


async def subscribe(session: AsyncSession, settings: Settings, user: User, browser: Browser) -> None:
    """Again is once; a browser that a colleague used before is now the user's."""
    if not may_reach(settings, browser.endpoint) or not _valid_keys(browser):
        raise BadInput("This browser's push service is not known to the hub.")
    count = sa.select(sa.func.count()).where(PushSubscription.user_id == user.id)
    if (await session.scalar(count) or 0) >= SUBSCRIPTIONS_PER_USER:
        raise BadInput("There are too many devices already. Remove one first.")
    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    values = {"user_id": user.id, "keys": keys, "device": browser.device}
    statement = insert(PushSubscription).values(endpoint=browser.endpoint, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["endpoint"], set_=values))


async def subscriptions(session: AsyncSession, user_id: int) -> list[PushSubscription]:
    query = sa.select(PushSubscription).where(PushSubscription.user_id == user_id).order_by(PushSubscription.id)
    return list(await session.scalars(query))


async def unsubscribe(session: AsyncSession, user: User, subscription_id: int) -> None:
    query = sa.delete(PushSubscription).where(
        PushSubscription.id == subscription_id, PushSubscription.user_id == user.id
    )
    if await session.scalar(query.returning(PushSubscription.id)) is None:
        raise NotFound("There is no such device any more.")


async def public_key(hub: Hub, session: AsyncSession) -> str:
    """As browsers want it when they subscribe."""
    point = (await _keys(hub, session)).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def may_reach(settings: Settings, endpoint: str) -> bool:
    """Only a push service that the operator knows, by https: an endpoint is what a browser says, and could be anything."""
    if len(endpoint) > ENDPOINT_CHARS or not endpoint.isascii() or not endpoint.isprintable():
        return False
    try:
        url = urlsplit(endpoint)
        host, _port = url.hostname or "", url.port
    except ValueError:
        return False
    known = [name.strip().lower() for name in settings.push_hosts.split(",") if name.strip()]
    fits = any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in known)
    return url.scheme == "https" and url.username is None and fits


async def send(hub: Hub, push_id: int) -> None:
    """One try. The row goes when there is nothing more to do; a call too many is better than one too few."""
    async with hub.db.transaction() as session:
        found = await _due(hub, session, push_id)
        if found is None:
            return
        push, subscription, language = found
        keys = await _keys(hub, session)
    try:
        status = await _post(hub, keys, subscription, push.case_id, language)
    except httpx.HTTPError as error:
        log.warning("push %d did not leave: %s", push_id, type(error).__name__)
        status = 0
    async with hub.db.transaction() as session:
        await _settle(hub, session, push_id, status)


async def _due(hub: Hub, session: AsyncSession, push_id: int) -> tuple[Push, PushSubscription, str] | None:
    """What to send and in which language; None, and the row gone, where nobody should be woken any more."""
    query = (
        sa.select(Push, PushSubscription, User)
        .join(PushSubscription, Push.subscription_id == PushSubscription.id)
        .join(User, PushSubscription.user_id == User.id)
        .where(Push.id == push_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    push, subscription, user = row
    stale = push.created_at < hub.now() - WORTH or not may_reach(hub.settings, subscription.endpoint)
    if stale or not await _concerns(hub, session, user, push.case_id):
        await session.delete(push)
        return None
    return push, subscription, user.language


async def _concerns(hub: Hub, session: AsyncSession, user: User, case_id: int | None) -> bool:
    """Who tries it out is always told; else who may see the case, is on duty, wants news and isn't looking at it right now."""
    if case_id is None:
        return user.disabled_at is None
    looking = sa.select(Presence.case_id).where(
        Presence.user_id == user.id, Presence.case_id == Case.id, Presence.seen_at > hub.now() - FRESH
    )
    seen = sa.select(Case).where(
        Case.id == case_id, Case.status != "closed", visible_cases(user), ~looking.correlate(Case).exists()
    )
    case = await session.scalar(seen) if wants_news(user, hub.now()) else None
    if case is None:
        return False
    return (await roster(session, hub.shelf.library)).off_since(user, case.place, hub.now()) is None


async def _post(hub: Hub, keys: Vapid, subscription: PushSubscription, case_id: int | None, language: str) -> int:
    url = urlsplit(subscription.endpoint)
    claims = {
        "aud": f"{url.scheme}://{url.netloc}",
        "sub": _sender(hub.settings),
        "exp": int((hub.now() + PROOF_LIFE).timestamp()),
    }
    headers = {
        **keys.sign(claims),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(WORTH.total_seconds())),
        "urgency": "high",
        # A newer call about the same case replaces one that wasn't delivered; the service learns nothing from the name.
        "topic": hub.vault.lookup("push-topic", str(case_id)).hex()[:32],
    }
    said = json.dumps({"case": case_id, "language": language}).encode()
    body = WebPusher({"endpoint": subscription.endpoint, "keys": subscription.keys}).encode(said)["body"]
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client:
        return (await client.post(subscription.endpoint, content=body, headers=headers)).status_code


async def _settle(hub: Hub, session: AsyncSession, push_id: int, status: int) -> None:
    push = await session.get(Push, push_id, with_for_update=True)
    if push is None:
        return
    if status in GONE:
        await session.execute(sa.delete(PushSubscription).where(PushSubscription.id == push.subscription_id))
        return
    push.attempts += 1
    if (status == 0 or status == 429 or status >= 500) and push.attempts < MAX_ATTEMPTS:
        push.next_try_at = hub.now() + timedelta(seconds=5 * 4**push.attempts)
        await hub.waker.push(session, push.id, at=push.next_try_at)
        return
    if not 200 <= status < 300:
        log.error("push %d is given up: status %d after %d tries", push.id, status, push.attempts)
    await session.delete(push)


async def _keys(hub: Hub, session: AsyncSession) -> Vapid:
    """Made once; browsers are bound to them."""
    row = await session.get(Setting, VAPID)
    if row is None:
        made = Vapid()
        made.generate_keys()
        value = {"private": hub.vault.encrypt(made.private_pem().decode()).decode()}
        await session.execute(insert(Setting).values(key=VAPID, value=value).on_conflict_do_nothing())
        row = await session.get_one(Setting, VAPID, populate_existing=True)
    return Vapid.from_pem(hub.vault.decrypt(row.value["private"].encode()).encode())


def _sender(settings: Settings) -> str:
    """Whom a push service may write to if something goes wrong."""
    first = settings.alert_email.split(",")[0].strip()
    return f"mailto:{first}" if "@" in first else "https://" + (urlsplit(settings.base_url).hostname or "localhost")


def _valid_keys(browser: Browser) -> bool:
    try:
        point, secret = (_unpadded(value) for value in (browser.p256dh, browser.auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return False
    return len(point) == 65 and len(secret) == 16


def _unpadded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
