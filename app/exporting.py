"""What the hub holds about a person's case, for the person: their right under Art. 15 GDPR. By coordinators and admins,
with a reason, and noted in the log. Two files: JSON for programs, plain text for people.
"""

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.cases import access_case
from app.errors import BadInput, NotAllowed
from app.facts import facts_of
from app.hub import Hub
from app.models import Address, Case, CaseEvent, Channel, Conversation, Media, Message, Reading, User
from app.own_words import GERMAN
from app.rights import ALL_PLACES

REASONS = ("person_asked", "moves_on", "authority")


async def export_case(hub: Hub, session: AsyncSession, user: User, case_id: int, reason: str, *, notes: bool) -> bytes:
    """A zip file. Internal notes only where wished: they may tell of other people."""
    case = await access_exportable(session, user, case_id)
    if reason not in REASONS:
        raise BadInput("Choose a reason.")
    content = await _content(hub, session, case, notes=notes)
    await audit.note(session, user, "exported", case, why=reason, notes=notes)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("case.json", json.dumps(content, ensure_ascii=False, indent=2))
        archive.writestr("case.txt", "\n".join(_lines(content)))
    return packed.getvalue()


async def access_exportable(session: AsyncSession, user: User, case_id: int) -> Case:
    case = await access_case(session, user, case_id)
    if user.role not in ALL_PLACES:
        raise NotAllowed("Coordinators and admins export cases.")
    return case


async def _content(hub: Hub, session: AsyncSession, case: Case, *, notes: bool) -> dict[str, Any]:
    """Everything about the person, in the order it happened."""
    events = sa.select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
    kept = [event for event in await session.scalars(events) if notes or event.text is None]
    return {
        "case": case.id,
        "name_in_the_hub": case.contact.name,
        "opened": case.created_at.isoformat(),
        "status": case.status,
        "place": case.place,
        "needs": case.needs,
        "deadline": case.deadline.isoformat() if case.deadline else None,
        "facts": await facts_of(session, case.contact_id),
        "addresses": await _addresses(hub, session, case.contact_id),
        "messages": await _messages(session, case.contact_id),
        "events": [{"at": each.created_at.isoformat(), "kind": each.kind, "note": each.text} for each in kept],
    }


async def _addresses(hub: Hub, session: AsyncSession, contact_id: int) -> list[dict[str, str]]:
    """In full: they are the person's own."""
    query = sa.select(Channel.kind, Address.value).join(Channel, Address.channel_id == Channel.id)
    rows = await session.execute(query.where(Address.contact_id == contact_id).order_by(Address.id))
    return [{"channel": kind, "address": hub.vault.decrypt(value)} for kind, value in rows]


async def _messages(session: AsyncSession, contact_id: int) -> list[dict[str, Any]]:
    files: dict[int, list[dict[str, Any]]] = {}
    of_contact = sa.select(Message.id).join(Conversation).where(Conversation.contact_id == contact_id)
    media = sa.select(Media.message_id, Media.name, Media.mime, Media.size).where(Media.message_id.in_(of_contact))
    for message_id, name, mime, size in await session.execute(media):
        files.setdefault(message_id, []).append({"name": name, "type": mime, "bytes": size})
    query = sa.select(Message, Channel.kind, Reading.text).join(Channel, Message.channel_id == Channel.id)
    query = query.outerjoin(Reading, sa.and_(Reading.message_id == Message.id, Reading.language == GERMAN))
    query = query.where(Message.id.in_(of_contact)).order_by(Message.created_at, Message.id)
    return [
        {
            "at": message.created_at.isoformat(),
            "channel": channel,
            "author": message.author,
            "kind": message.kind,
            "text": message.text,
            "german": german,
            "earlier_wordings": message.edits,
            "location": message.payload.get("location"),
            "files": files.get(message.id, []),
            "status": message.status,
        }
        for message, channel, german in await session.execute(query)
    ]


def _lines(content: dict[str, Any]) -> Iterable[str]:
    for key in ("case", "name_in_the_hub", "opened", "status", "place", "needs", "deadline", "facts"):
        yield f"{key}: {content[key]}"
    yield from (f"address: {each['channel']} {each['address']}" for each in content["addresses"])
    happened = [(each["at"], f"{each['author']}: {each['text'] or each['kind']}") for each in content["messages"]]
    happened += [(each["at"], f"({each['kind']}) {each['note'] or ''}") for each in content["events"]]
    yield ""
    yield from (f"{at[:16].replace('T', ' ')} {words}" for at, words in sorted(happened))
