"""The bot tried out on drafts: THE router itself plays everything from the beginning, in a transaction that is undone.

So what is shown is what would be said, by every rule; and one step back is one input less. Nothing of it stays: no row, no
job, no alert. Pages keep the inputs.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.conversation import RULES
from app.dialogue import begin, come_back
from app.editor.dialogues import intents
from app.facts import facts_of, learn
from app.hub import Hub
from app.intake import next_seq
from app.models import Address, Case, Channel, Contact, Conversation, Message
from app.registry import LiveChannel, Registry
from app.topics import choose
from app.turn import Turn
from channels.webchat import WebChat
from flows.dialogue.engine import BrokenFlow
from flows.dialogue.transcript import BadTranscript, play, read_transcript
from flows.library import Library, NotSayable
from flows.model import ANSWER_LANGUAGES, StoredTranscript
from flows.services import TIMEZONE

KINDS = {"telegram": "telegram", "whatsapp": "whatsapp-cloud", "sms": "sms"}
"""How it looks -> the kind of channel that flows ask for."""
STEPS = 60  # inputs; who tries out more than that begins anew
CYRILLIC = frozenset({"bg", "uk", "ru"})
BREAKS = (BrokenFlow, NotSayable, KeyError, RecursionError)
"""What words, flows and files that are missing in a draft lead to."""


@dataclass(frozen=True, slots=True)
class Input:
    """Words, or a button with its label."""

    text: str
    button: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A try-out as a page keeps it. It begins with a flow (at a node of it), with an entry's answer, or with free words."""

    look: str
    language: str
    place: str
    on: date
    flow: str = ""
    node: str = ""
    entry: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was said, and how the hub stands after it. `rule` took the last input; `trouble`: why the bot broke there."""

    conversation: Conversation
    messages: tuple[Message, ...]
    facts: Mapping[str, Any]
    case: Case | None
    rule: str
    understood: Mapping[str, Any] | None
    trouble: str


class _Stage(Registry):
    """Knows one channel more, which exists for this try-out only."""

    def __init__(self, real: Registry, own: LiveChannel) -> None:
        self._real = real
        self._own = own

    def all(self) -> list[LiveChannel]:
        return self._real.all()

    def by_id(self, channel_id: int) -> LiveChannel | None:
        return self._own if channel_id == self._own.id else self._real.by_id(channel_id)


async def rehearse(hub: Hub, library: Library, script: Script) -> Outcome:
    now = datetime.combine(script.on, hub.now().astimezone(TIMEZONE).timetz())
    shelf = copy.copy(hub.shelf)
    shelf.library = library
    async with hub.db.transaction() as session:
        try:
            channel = await _channel(hub, session, script)
            acting = replace(hub, shelf=shelf, registry=_Stage(hub.registry, channel), now=lambda: now)
            played = _Playing(acting, session, script, await _meet(session, channel, script))
            await played.run()
            return await played.outcome(now)
        finally:
            session.expunge_all()  # what was read stays readable
            await session.rollback()


class _Playing:
    def __init__(self, hub: Hub, session: AsyncSession, script: Script, conversation: Conversation) -> None:
        self._hub = hub
        self._session = session
        self._script = script
        self._conversation = conversation
        self._rule = ""
        self._understood: Mapping[str, Any] | None = None
        self._trouble = ""

    async def run(self) -> None:
        try:
            await self._begin()
            for said in self._script.said:
                await self._hear(said)
        except BREAKS as error:
            self._trouble = str(error) or type(error).__name__

    async def outcome(self, now: datetime) -> Outcome:
        await self._session.flush()
        conversation = self._conversation
        query = sa.select(Message).where(Message.conversation_id == conversation.id).order_by(Message.seq)
        messages = tuple(await self._session.scalars(query.options(selectinload(Message.media))))
        case = await self._session.scalar(sa.select(Case).where(Case.contact_id == conversation.contact_id))
        facts = await facts_of(self._session, conversation.contact_id)
        for message in messages:
            message.created_at = message.sent_at = now
        return Outcome(conversation, messages, facts, case, self._rule, self._understood, self._trouble)

    async def _begin(self) -> None:
        script = self._script
        if not (script.flow or script.entry):
            return
        self._conversation.state = {"greeted": True}
        turn = self._turn(Message(kind="button", text="", payload={}))
        if script.entry:
            await choose(turn, f"topic:{script.entry}")
        elif script.node:
            dates = {key for key, kept in turn.library.fields.items() if kept.kind == "date"}  # else they count as old
            told = {key: value for key, value in script.known.items() if key in dates}
            await begin(turn, script.flow, script.node, carried=script.known, **told)
        elif not await begin(turn, script.flow):
            raise BrokenFlow(f"there is no flow {script.flow}")
        await turn.finish()

    async def _hear(self, said: Input) -> None:
        payload = {"button": {"id": said.button, "label": said.text}} if said.button else {}
        message = Message(
            conversation_id=self._conversation.id,
            channel_id=self._conversation.channel_id,
            seq=await next_seq(self._session, self._conversation.id),
            direction="in",
            author="contact",
            status="received",
            kind="button" if said.button else "text",
            text=said.text,
            external_id=uuid4().hex,
            payload=payload,
        )
        self._session.add(message)
        await self._session.flush()
        turn = self._turn(message)
        self._rule = ""
        try:
            for rule in RULES:
                if await rule(turn):
                    self._rule = rule.__name__
                    break
            await come_back(turn)
            await turn.finish()
        finally:
            found = turn.understanding
            self._understood = {
                "decision": found.decision,
                "topics": found.topics,
                "candidates": [(each.topic, each.score) for each in found.candidates],
                "intent": found.intent,
            }

    def _turn(self, message: Message) -> Turn:
        return Turn(self._hub, self._session, self._conversation, message, is_group=False)


def as_transcript(library: Library, script: Script, outcome: Outcome, name: str) -> StoredTranscript:
    """The try-out as a stored dialogue, up to where the flow ends. Raises BadTranscript, and pydantic's ValidationError."""
    if not script.flow or script.language not in ANSWER_LANGUAGES:
        raise BadTranscript("A dialogue to keep begins with a flow, in a language that has answers.")
    head = {
        "flow": script.flow,
        "node": script.node,
        "language": script.language,
        "channel": KINDS[script.look],
        "place": script.place,
        "today": script.on.isoformat(),
        "known": json.dumps(script.known, ensure_ascii=False) if script.known else "",
    }
    opening = "\n".join(f"{key}: {value}" for key, value in head.items() if value)
    lines = [f"> {_as_typed(said, outcome)}" for said in script.said]
    while True:
        stored = StoredTranscript(name=name, text="\n".join([opening, "", *lines]))
        try:
            return StoredTranscript(name=name, text=play(read_transcript(stored), library, intents()))
        except BadTranscript:
            if not lines:
                raise
            lines.pop()


def _as_typed(said: Input, outcome: Outcome) -> str:
    """A button by its number under the message that it stands under: labels may be changed."""
    words = " ".join(said.text.split())
    if not said.button.startswith("pick:"):
        return words
    ids = [[each["id"] for each in message.payload.get("buttons", ())] for message in outcome.messages]
    found = next((row.index(said.button) + 1 for row in reversed(ids) if said.button in row), None)
    return f"[{found}]" if found else words


async def _channel(hub: Hub, session: AsyncSession, script: Script) -> LiveChannel:
    options: dict[str, Any] = {"look": script.look}
    prices = (each.options.get("cents_per_segment") for each in hub.registry.all() if each.by_sms)
    if script.look == "sms" and (price := next(filter(None, prices), None)):
        options["cents_per_segment"] = price
    row = Channel(name=f"try-{uuid4().hex}", kind=KINDS[script.look], secrets=b"", options=options, active=False)
    session.add(row)
    await session.flush()
    return LiveChannel(row.id, row.name, row.kind, script.place, options, WebChat(script.look), "")


async def _meet(session: AsyncSession, channel: LiveChannel, script: Script) -> Conversation:
    contact = Contact(name="-")
    session.add(contact)
    await session.flush()
    address = Address(channel_id=channel.id, contact_id=contact.id, value=b"", lookup=b"-", masked="-")
    session.add(address)
    await session.flush()
    conversation = Conversation(
        address_id=address.id,
        contact_id=contact.id,
        channel_id=channel.id,
        mode="bot",
        language=script.language,
        script="Cyrl" if script.language in CYRILLIC else "Latn",
        place=script.place,
        state={},
        last_seq=0,
    )
    session.add(conversation)
    await session.flush()
    for key, value in script.known.items():
        await learn(session, contact.id, key, value, script.flow)
    return conversation
