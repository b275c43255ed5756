"""What `/api/v1` reads and sends beyond what pages do: messages by page, contacts, replies that a retry never doubles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit, cases, replying
from app.claims import check_unclaimed
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.facts import facts_of
from app.hub import Hub
from app.models import AuditEntry, Case, CaseEvent, Contact, Conversation, Message, User
from app.rights import ANSWERING_ROLES, visible_cases

KEY_CHARS = 100


@dataclass(frozen=True, slots=True)
class Reply:
    conversation_id: int
    text: str
    seen_seq: int


@dataclass(frozen=True, slots=True)
class ContactView:
    contact: Contact
    language: str | None
    place: str
    facts: dict[str, Any]


async def messages(
    session: AsyncSession, user: User, case_id: int, *, before: int | None, limit: int
) -> tuple[Sequence[Message], int | None]:
    """Of all the contact's conversations, the newest first; and what to hand back as `before`."""
    case = await cases.access_case(session, user, case_id)
    await audit.note_reading(session, user, case)
    query = sa.select(Message).join(Conversation, Message.conversation_id == Conversation.id)
    query = query.where(Conversation.contact_id == case.contact_id).order_by(Message.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Message.id < before)
    found = (await session.scalars(query)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def notes(
    session: AsyncSession, user: User, case_id: int, *, before: int | None, limit: int
) -> tuple[Sequence[CaseEvent], int | None]:
    """Of this case, the newest first; and what to hand back as `before`."""
    case = await cases.access_case(session, user, case_id)
    await audit.note_reading(session, user, case)
    query = sa.select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.kind == "note")
    query = query.order_by(CaseEvent.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(CaseEvent.id < before)
    found = (await session.scalars(query)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def reply_once(
    hub: Hub, session: AsyncSession, user: User, case_id: int, given: Reply, key: str
) -> tuple[Message, bool]:
    """The message, and whether it is new: the same key again finds the first one and sends nothing.

    The case's lock is taken first, so that a retry at the same moment waits for the first try and then finds it.
    """
    if not key.strip() or len(key) > KEY_CHARS:
        raise BadInput("Please send an Idempotency-Key of at most 100 characters.")
    case = await cases.access_case(session, user, case_id, lock=True)
    hashed = hub.vault.lookup("idempotency-key", str(user.id), key).hex()
    body = hub.vault.lookup("idempotency-body", str(given.conversation_id), given.text).hex()
    query = sa.select(AuditEntry).where(AuditEntry.case_id == case.id, AuditEntry.user_id == user.id)
    known = await session.scalar(query.where(AuditEntry.kind == "replied", AuditEntry.data["key"].astext == hashed))
    if known is not None:
        if known.data["body"] != body:
            raise Conflict("This Idempotency-Key was used for another message.")
        return await session.get_one(Message, known.data["message"]), False
    await check_unclaimed(hub, session, user, case)
    message = await replying.reply(
        hub, session, user, case_id, conversation_id=given.conversation_id, text=given.text, seen_seq=given.seen_seq
    )
    await audit.note(session, user, "replied", case, key=hashed, body=body, message=message.id)
    return message, True


async def contacts(
    session: AsyncSession, user: User, *, before: int | None, limit: int
) -> tuple[Sequence[ContactView], int | None]:
    """Of whom this user may see a case, the newest first."""
    query = _contacts(user).order_by(Contact.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Contact.id < before)
    found = (await session.scalars(query)).all()
    return [await _view(session, one) for one in found[:limit]], found[limit - 1].id if len(found) > limit else None


async def contact(session: AsyncSession, user: User, contact_id: int) -> ContactView:
    found = await session.scalar(_contacts(user).where(Contact.id == contact_id))
    if found is None:
        raise NotFound("There is no such person.")
    await audit.note(session, user, "read", contact_id=found.id)
    return await _view(session, found)


def _contacts(user: User) -> sa.Select[Contact]:
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    theirs = sa.select(Case.id).where(Case.contact_id == Contact.id, visible_cases(user))
    return sa.select(Contact).where(theirs.correlate(Contact).exists())


async def _view(session: AsyncSession, contact: Contact) -> ContactView:
    newest = sa.select(Conversation).where(Conversation.contact_id == contact.id)
    talk = await session.scalar(
        newest.order_by(Conversation.heard_at.desc().nulls_last(), Conversation.id.desc()).limit(1)
    )
    facts = await facts_of(session, contact.id)
    return ContactView(contact, talk.language if talk else None, talk.place if talk else "", facts)
