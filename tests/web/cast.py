"""A handful of people with their conversations, as the pages show them: for page tests, browser tests and pictures."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import create_user
from app.hub import Hub
from app.models import Address, Case, CaseEvent, Channel, Contact, Conversation, Cursor, Media, Message, User
from app.names import mask

PASSWORD = "correct horse battery staple"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763606060000000040001f61738"
    "550000000049454e44ae426082"
)


@dataclass
class Talk:
    """Writes one conversation, a minute after the other."""

    session: AsyncSession
    conversation: Conversation
    at: datetime
    messages: list[Message] = field(default_factory=list)

    async def add(self, direction: str, author: str, text: str | None, kind: str = "text", **values: Any) -> Message:
        self.conversation.last_seq += 1
        self.at += timedelta(minutes=values.pop("after", 1))
        self.conversation.active_at = self.at
        message = Message(
            conversation_id=self.conversation.id,
            channel_id=self.conversation.channel_id,
            seq=self.conversation.last_seq,
            direction=direction,
            author=author,
            kind=kind,
            text=text,
            created_at=self.at,
            external_id=values.pop("external_id", f"{self.conversation.id}:{direction}:{self.conversation.last_seq}"),
            **({"status": "received" if direction == "in" else "delivered"} | values),
        )
        self.session.add(message)
        await self.session.flush()
        self.messages.append(message)
        return message

    async def says(self, text: str | None, kind: str = "text", **values: Any) -> Message:
        return await self.add("in", "contact", text, kind, **values)

    async def bot(self, text: str, **values: Any) -> Message:
        return await self.add("out", "bot", text, **values)

    async def staff(self, user: User, text: str, **values: Any) -> Message:
        return await self.add("out", "staff", text, user_id=user.id, **values)


async def add_user(session: AsyncSession, name: str, role: str = "streetworker", language: str = "en") -> User:
    email = f"{name.split()[0].lower()}@example.org"
    return await create_user(session, email, role, PASSWORD, name=name, language=language)


async def add_channel(hub: Hub, session: AsyncSession, name: str, kind: str, place: str = "") -> Channel:
    values = '{"token": "1:x", "webhook_secret": "s"}' if kind == "telegram" else "{}"
    channel = Channel(name=name, kind=kind, place=place, secrets=hub.vault.encrypt(values))
    session.add(channel)
    await session.flush()
    return channel


async def meet(
    hub: Hub,
    session: AsyncSession,
    channel: Channel,
    name: str,
    address: str,
    *,
    at: datetime,
    language: str | None = None,
    contact: Contact | None = None,
    mode: str = "waiting",
) -> Talk:
    """A new person, or one more address of a known one."""
    if contact is None:
        contact = Contact(name=name)
        session.add(contact)
        await session.flush()
    reach = Address(
        channel_id=channel.id,
        contact_id=contact.id,
        value=hub.vault.encrypt(address),
        lookup=hub.vault.lookup(address),
        masked=mask(address),
    )
    session.add(reach)
    await session.flush()
    conversation = Conversation(
        address_id=reach.id,
        contact_id=contact.id,
        channel_id=channel.id,
        mode=mode,
        language=language,
        place=channel.place,
        last_seq=0,
    )
    session.add(conversation)
    await session.flush()
    session.add(Cursor(conversation_id=conversation.id))
    return Talk(session, conversation, at)


async def open_case(talk: Talk, reason: str, *events: tuple[str, User | None, str | None], **values: Any) -> Case:
    case = Case(
        contact_id=talk.conversation.contact_id,
        conversation_id=talk.conversation.id,
        reason=reason,
        place=talk.conversation.place,
        **({"waiting_since": talk.at} | values),
    )
    talk.session.add(case)
    await talk.session.flush()
    data = {"reason": reason}
    talk.session.add(CaseEvent(case_id=case.id, kind="opened", data=data, created_at=talk.at + timedelta(seconds=1)))
    if case.urgency == "urgent":
        urgent = {"danger": case.danger}
        moment = talk.at + timedelta(seconds=2)
        talk.session.add(CaseEvent(case_id=case.id, kind="urgent", data=urgent, created_at=moment))
    for number, (kind, user, text) in enumerate(events, start=3):
        moment = talk.at + timedelta(seconds=number)
        event = CaseEvent(case_id=case.id, user_id=user.id if user else None, kind=kind, text=text, created_at=moment)
        talk.session.add(event)
    await talk.session.flush()
    return case


async def attach(message: Message, session: AsyncSession, content: bytes, mime: str, name: str | None = None) -> Media:
    media = Media(
        message_id=message.id, status="stored", mime=mime, name=name, size=len(content), content=content, sha256="-"
    )
    session.add(media)
    await session.flush()
    return media
