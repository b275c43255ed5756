"""Closing with an outcome; and, if wished, the question whether it helped, which the router hears the answer to."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, mediation, outbox, second_reader
from app.blocking import is_blocked
from app.errors import BadInput
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.later import return_all
from app.models import Address, Case, Contact, Conversation, User
from app.turn import FALLBACK_LANGUAGE, Turn
from app.window import window_open
from channels.base import Button, Outbound
from translations.phrases import has_phrase, phrase

OUTCOMES = ("solved", "referred", "unreachable", "no_answer_needed", "other")
ASKS = "helped"  # in the state as 'helped:<case>', in a button as 'helped:<case>:yes'


async def close(hub: Hub, session: AsyncSession, user: User, case_id: int, *, outcome: str, ask: bool = False) -> Case:
    """Settle the case. `ask`: the person is asked whether it helped, where they can be reached right now."""
    case = await cases.access_case(session, user, case_id, lock=True)
    if outcome not in OUTCOMES:
        raise BadInput("Please say what came of it.")
    if case.status == "closed":  # a colleague was faster; nobody is asked twice
        return case
    await cases.close(hub, session, user, case_id, outcome=outcome)
    await return_all(session, case, user)
    await second_reader.return_all(hub, session, case, user)
    await mediation.return_all(hub, session, case, user)
    if ask and await can_ask(hub, session, case):
        await _ask(hub, session, case)
    return case


async def can_ask(hub: Hub, session: AsyncSession, case: Case) -> bool:
    """Never in groups, against the person's will or while they are blocked, nor where a template would have to knock first."""
    conversation = await session.get_one(Conversation, case.conversation_id)
    address = await session.get_one(Address, conversation.address_id)
    channel = hub.registry.by_id(conversation.channel_id)
    contact = await session.get_one(Contact, case.contact_id)
    if channel is None or address.is_group or conversation.mode == "stopped" or is_blocked(contact, hub.now()):
        return False
    return window_open(hub, channel, conversation)


async def _ask(hub: Hub, session: AsyncSession, case: Case) -> None:
    conversation = await session.get_one(Conversation, case.conversation_id, with_for_update=True)
    language = _language(conversation)
    buttons = (
        Button(f"{ASKS}:{case.id}:yes", phrase("button.helped_yes", language)),
        Button(f"{ASKS}:{case.id}:no", phrase("button.helped_no", language)),
    )
    case.helped = None
    # A typed 1 or 2, the words of a button, yes and no, and a thumb all answer it.
    conversation.state = conversation.state | {
        "pending": f"{ASKS}:{case.id}",
        "options": [button.id for button in buttons],
        "labels": [button.label for button in buttons],
    }
    question = Outbound(
        text=phrase("helped.ask", language), buttons=buttons, list_label=phrase("button.choose", FALLBACK_LANGUAGE)
    )
    await outbox.queue(hub, session, conversation, [question], author="bot", payload={"asks": ASKS})
    await add_event(session, case, "asked_helped")


def _language(conversation: Conversation) -> str:
    state = conversation.state
    known = (state.get("language_chosen"), conversation.language, state.get("language_hint"))
    return next((each for each in known if each and has_phrase("helped.ask", each)), FALLBACK_LANGUAGE)


async def hear_helped(turn: Turn) -> bool:
    """The answer to 'did this help?'. Who says anything else has a new question, which the others hear."""
    case_id, helped = _answer(turn)
    if str(turn.recall("pending", "")).startswith(f"{ASKS}:"):
        turn.remember(pending=None)
    if case_id is None or helped is None:
        return False
    case = await turn.session.scalar(
        sa.select(Case)
        .where(Case.id == case_id, Case.contact_id == turn.conversation.contact_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if case is None:
        return False
    if case.helped is not helped:
        case.helped = helped
        await add_event(turn.session, case, "helped" if helped else "not_helped")
        await publish(turn.session, "case", case.id)
    if turn.conversation.mode != "bot":  # a colleague is there again and sees the answer
        return True
    if helped:
        turn.say("helped.thanks")
    else:
        turn.say("helped.sorry")
        turn.offer(["human"])
        turn.remember(pending="human")
    return True


def _answer(turn: Turn) -> tuple[int | None, bool | None]:
    """Which case was answered about, and what: by a button, its number or words, by yes or no, or with a thumb."""
    action = (turn.action or "").split(":")
    if action[0] == ASKS and len(action) == 3 and action[1].isdecimal() and len(action[1]) < 19:
        return int(action[1]), action[2] == "yes"
    kind, _, case_id = str(turn.recall("pending", "")).partition(":")
    if kind == ASKS and case_id.isdecimal() and turn.says is not None:
        return int(case_id), turn.says == "yes"
    return None, None
