"""What Twilio's webhooks missed: its message list is read again, since it sends each webhook once and gives up early."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.feed import publish
from app.hub import Hub
from app.intake import take_in
from app.locks import lock_message
from app.models import Address, Conversation, Message
from app.privacy import ERASURES, read_erasures
from app.registry import LiveChannel
from app.statuses import learn_id
from channels.base import Inbound, Item, Parsed, SendError
from channels.twilio import Twilio

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=30)  # the job runs every five minutes, and an outage may hide a few runs
SETTLE_AFTER = timedelta(minutes=1)  # a status callback mostly settles it before
SETTLE_WITHIN = timedelta(hours=12)  # Twilio queues a message for ten hours at most
SETTLED_AT_ONCE = 20


async def reconcile(hub: Hub) -> None:
    """One look at every Twilio channel; a provider that does not answer is asked again at the next run."""
    for channel in hub.registry.all():
        if not isinstance(channel.adapter, Twilio):
            continue
        try:
            items = _without_erased(hub, channel, await channel.adapter.recent(hub.now() - LOOK_BACK))
            found = await take_in(hub, channel, Parsed(tuple(items)))
            if found:
                log.warning("channel %s: %d items came by the message list, not by webhook", channel.name, found)
            await _settle(hub, channel, channel.adapter)
        except SendError as error:
            log.warning("channel %s: the message list could not be read (%s)", channel.name, error.kind.code)


def _without_erased(hub: Hub, channel: LiveChannel, items: Iterable[Item]) -> list[Item]:
    """Twilio's list still has the words of people whom we have erased since: they are not brought back."""
    erased: dict[str, datetime] = {}
    for line in read_erasures(hub.settings.data_dir / ERASURES):
        if line["channel"] == channel.id:
            at = datetime.fromisoformat(line["at"])
            erased[line["lookup"]] = max(at, erased.get(line["lookup"], at))
    if not erased:
        return list(items)
    return [item for item in items if not _was_erased(hub, item, erased)]


def _was_erased(hub: Hub, item: Item, erased: dict[str, datetime]) -> bool:
    if not isinstance(item, Inbound) or item.provider_time is None:
        return False
    at = erased.get(hub.vault.lookup(item.address).hex())
    return at is not None and item.provider_time <= at


async def _settle(hub: Hub, channel: LiveChannel, adapter: Twilio) -> None:
    """Messages whose sending broke off: where Twilio has them, they were sent. Where not, a human decides."""
    now = hub.now()
    async with hub.db.transaction() as session:
        ids = (
            await session.scalars(
                sa.select(Message.id)
                .where(
                    Message.channel_id == channel.id,
                    Message.status == "uncertain",
                    Message.created_at.between(now - SETTLE_WITHIN, now - SETTLE_AFTER),
                )
                .order_by(Message.id)
                .limit(SETTLED_AT_ONCE)
            )
        ).all()
    for message_id in ids:
        await look_up(hub, channel, adapter, message_id)


async def look_up(hub: Hub, channel: LiveChannel, adapter: Twilio, message_id: int) -> bool:
    """Whether Twilio has a message of these words that is nobody else's; then it was sent. Raises SendError."""
    async with hub.db.transaction() as session:
        row = (
            await session.execute(
                sa.select(Message.text, Message.created_at, Address.value)
                .join(Conversation, Message.conversation_id == Conversation.id)
                .join(Address, Conversation.address_id == Address.id)
                .where(Message.id == message_id)
            )
        ).one_or_none()
    if row is None:  # erased meanwhile
        return False
    known = await _known_ids(hub, channel.id, row.created_at)
    address = hub.vault.decrypt(row.value)
    receipt = await adapter.find_sent(address, row.text or "", row.created_at, exclude=known)
    if receipt is not None:
        await _mark_sent(hub, message_id, receipt.external_id)
    return receipt is not None


async def _known_ids(hub: Hub, channel_id: int, around: datetime) -> list[str]:
    async with hub.db.transaction() as session:
        ids = await session.scalars(
            sa.select(Message.external_id).where(
                Message.channel_id == channel_id,
                Message.direction == "out",
                Message.external_id.is_not(None),
                Message.created_at > around - SETTLE_WITHIN,
            )
        )
        return [external_id for external_id in ids if external_id]


async def _mark_sent(hub: Hub, message_id: int, external_id: str) -> None:
    async with hub.db.transaction() as session:
        message = await lock_message(session, message_id)
        if message is None or message.status != "uncertain":
            return
        message.status = "sent"
        message.error = message.error_detail = None
        await learn_id(hub, session, message, external_id)
        await publish(session, "conversation", message.conversation_id)
