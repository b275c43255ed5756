"""A colleague has the bot lead the person through a flow, in their language and on their channel; the case stays theirs.

As for replies: what nobody has seen yet, a claim, a stop or a block stand in the way, and a closed WhatsApp window holds the
words. No second reader is asked: two people have read a flow before it was published.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import replying
from app.blocking import is_blocked
from app.cases import access_case
from app.claims import check_unclaimed
from app.dialogue import begin
from app.errors import Conflict, NotFound
from app.feed import publish
from app.flow_counts import count_ways
from app.history import add_event
from app.hub import Hub
from app.led import Led, drop, led, started, stop
from app.models import Address, Case, Contact, Conversation, Message, User
from app.sending import Sending, measured
from app.turn import MENU, Turn
from channels.base import Outbound
from flows.dialogue.graph import Flow
from flows.library import Library

STAFF_LANGUAGE = "de"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a colleague confirmed: to go on although another has begun to answer; to end the flow that runs."""

    despite: bool = False
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What the person gets first, and what sending it means."""

    slug: str
    language: str
    said: tuple[str, ...]
    german: tuple[str, ...]  # the same; empty where it is German already
    sending: Sending | None
    draft: bool  # nobody of the town has approved these words
    running: str  # the flow that this one would end


@dataclass(frozen=True, slots=True)
class Running:
    conversation_id: int
    flow: str


def find_flow(library: Library, slug: str) -> Flow:
    """The menu is none: with a colleague there, its words would promise answers that nobody gives."""
    if slug not in library.flows or slug == MENU:
        raise NotFound("There is no such flow.")
    return library.flows[slug][1]


async def look(hub: Hub, session: AsyncSession, user: User, case_id: int, conversation_id: int, slug: str) -> Look:
    """Tried out in the person's language and in German, and undone: nothing is sent or learned."""
    case = await access_case(session, user, case_id)
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    flow = find_flow(hub.shelf.library, slug)
    language = _turn(hub, session, conversation, user, slug).language
    said = await _try_out(hub, session, conversation, user, slug, language)
    german = (
        await _try_out(hub, session, conversation, user, slug, STAFF_LANGUAGE) if language != STAFF_LANGUAGE else []
    )
    return Look(
        slug, language, _words(said), _words(german), measured(hub, conversation, said, "\n".join(_words(said))),
        not flow.is_approved(language), _running(conversation),
    )  # fmt: skip


async def start(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    slug: str,
    seen_seq: int,
    wish: Wish,
) -> None:
    """Raises Conflict where the colleague has to look or to decide first (details: `last_seq`, `name`, `running`)."""
    case = await access_case(session, user, case_id, lock=True)
    flow = find_flow(hub.shelf.library, slug)
    if not wish.despite:
        await check_unclaimed(hub, session, user, case)
    conversation = await replying.ready(session, case, conversation_id, seen_seq)
    await _check_hears(hub, session, conversation)
    if (running := _running(conversation)) and not wish.instead:
        raise Conflict("Another flow is running here. It would end.", running=running)
    await stop(session, case, conversation, user)
    drop(conversation)
    await replying.take_word(session, case, user, conversation)
    await add_event(session, case, "flow_started", user, data={} if flow.discreet else {"flow": slug})
    turn = _turn(hub, session, conversation, user, slug)
    turn.remember(pending=None)  # what the bot had asked before is over
    await begin(turn, slug)
    await turn.finish()
    await count_ways(session, turn.ways, turn.today)
    await publish(session, "case", case.id)


async def stop_it(hub: Hub, session: AsyncSession, user: User, case_id: int, conversation_id: int) -> None:
    """Nothing happens where it is over already."""
    case = await access_case(session, user, case_id, lock=True)
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    if await stop(session, case, conversation, user):
        await publish(session, "case", case.id)


async def running(session: AsyncSession, case: Case) -> tuple[Running, ...]:
    """Where the bot leads the person now, for a colleague. The caller has authorised."""
    query = sa.select(Conversation).where(Conversation.contact_id == case.contact_id, Conversation.mode == "human")
    found = await session.scalars(query.order_by(Conversation.id))
    return tuple(Running(each.id, here.flow) for each in found if (here := led(each)) is not None)


async def _check_hears(hub: Hub, session: AsyncSession, conversation: Conversation) -> None:
    """Where the bot is deaf by rule, nobody may be asked something in its name."""
    contact = await session.get_one(Contact, conversation.contact_id)
    if is_blocked(contact, hub.now()):
        raise Conflict("This person is blocked. A coordinator can end that.")
    if (await session.get_one(Address, conversation.address_id)).is_group:
        raise Conflict("In a group the bot leads nobody through a flow.")


def _running(conversation: Conversation) -> str:
    """The flow whose question the person may be about to answer. One of the bot's own ends when a colleague speaks."""
    here = started(conversation)
    slug = here.flow if here else str((conversation.state.get("flow") or {}).get("flow", ""))
    if not slug or slug == MENU or (conversation.mode == "human" and here is None):
        return ""
    return slug


def _turn(hub: Hub, session: AsyncSession, conversation: Conversation, user: User, slug: str) -> Turn:
    """A turn in which the person has done nothing."""
    turn = Turn(
        hub, session, conversation, Message(direction="out", kind="text", text=None, payload={}), is_group=False
    )
    turn.led = Led(slug, user.id)
    return turn


async def _try_out(
    hub: Hub, session: AsyncSession, conversation: Conversation, user: User, slug: str, language: str
) -> list[Outbound]:
    undone = await session.begin_nested()
    conversation.mode = "human"  # as it will be
    turn = _turn(hub, session, conversation, user, slug)
    if language != turn.language:
        turn.remember(language_chosen=language)
    await begin(turn, slug)
    await undone.rollback()
    await session.refresh(conversation)
    return turn.outbound


def _words(said: Sequence[Outbound]) -> tuple[str, ...]:
    """With the answers that are offered, a line each."""
    return tuple(
        "\n".join([each.text, *(f"▸ {button.label}" for button in each.buttons)]) for each in said if each.text
    )
