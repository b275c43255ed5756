"""Runs flows in a conversation: keeps where the person stands, and does what the engine's effects say.

The state stands in the conversation (`flow`), with the version that the dialogue began with; a newer version is for those who
begin later.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import letters
from app.cases import open_case_of
from app.directory import who_helps
from app.facts import facts_of, learn
from app.history import add_event
from app.led import BY
from app.models import ContentVersion, Message
from app.turn import Turn
from channels.base import Button, MediaFile, Outbound
from flows.dialogue import engine
from flows.dialogue.effects import (
    Begin,
    Effect,
    Ended,
    Learn,
    MakeLetter,
    OpenCase,
    Phrase,
    Say,
    SayAnswer,
    SayServices,
)
from flows.dialogue.graph import Ask, Choose, Flow, Question
from flows.dialogue.reading import means
from flows.dialogue.world import Given, World

URGENT_WITHIN = timedelta(days=7)
SHORT_ANSWER = 4  # words; who waits for a colleague and writes more, writes to them
UNREAD_KINDS = frozenset({"sticker", "unknown"})
FORGOTTEN_AFTER = timedelta(days=7)  # an answer later than that is taken, anything else begins anew
SERVICES_SHOWN = 2  # in the middle of a dialogue more addresses bury the question
LEAVING = frozenset({"menu", "start", "stop", "human", "delete"})
"""Intents that end a flow; the rules after it see to them."""
ASIDE = frozenset({"thanks", "greeting", "about", "language"})
"""Intents that are answered in between."""
NOT_THE_ENGINES = frozenset({"at", "reminded", BY})
CALLING = frozenset({"flow.stuck", "handover.safe"})
"""What is said when somebody is called; other words where a colleague is there."""


async def begin(
    turn: Turn, slug: str, node: str | None = None, *, carried: Mapping[str, Any] | None = None, **told: Any
) -> bool:
    """Start a flow, with what is known about the person, was said in the flow before (`carried`), and was told just now.

    False where there is no such flow.
    """
    if slug not in turn.library.flows:
        return False
    version, flow = turn.library.flows[slug]
    known = await facts_of(turn.session, turn.conversation.contact_id)
    if turn.conversation.place:
        known["place"] = turn.conversation.place
    for key, value in told.items():
        await _learn(turn, flow, key, value)
    step = engine.start(flow, version, {**known, **(carried or {}), **told}, _world(turn), node, tuple(told))
    if flow.topics and not flow.discreet:
        turn.remember(last_topic=flow.topics[0])
        turn.note_asked(flow.topics[0])
    turn.aside = False
    await _apply(turn, flow, step)
    return True


async def follow(turn: Turn) -> bool:
    """The running flow hears the message first. False: it is not for the flow, which waits if it is to go on."""
    state = _state(turn)
    if state is None or not (turn.led or turn.conversation.mode in ("bot", "waiting")):
        turn.remember(flow=None)
        return False
    flow = await _flow(turn, state)
    if flow is None or _leaves(turn):
        turn.remember(flow=None)
        if flow is not None and _wants_human(turn) and not turn.led:  # else they have one
            for effect in engine.to_human(flow, state):
                await _do(turn, flow, effect)
            return True
        return False
    if turn.led and await _is_unasked(turn):
        return False
    if isinstance(question := engine.question_of(flow, state), Ask) and question.what == "text" and _is_own(turn):
        return await _not_understood(turn, flow, state, "text")
    step = engine.step(flow, state, _given(turn), _world(turn))
    if step.understood:
        await _apply(turn, flow, step)
        return True
    return await _not_understood(turn, flow, state, step.problem)


async def come_back(turn: Turn) -> None:
    """After an answer in between: the question that is still open, once more."""
    state = _state(turn)
    flow = await _flow(turn, state) if state and turn.aside and turn.conversation.mode == "bot" else None
    if state is None or flow is None:
        return
    turn.say("flow.return")
    await _apply(turn, flow, engine.repeat(flow, state, _world(turn)))


async def remind(turn: Turn) -> bool:
    """Once, to somebody who stopped in the middle: the open question. False where the flow wants no reminder."""
    state = _state(turn)
    flow = await _flow(turn, state) if state else None
    turn.remember(flow={**turn.recall("flow", {}), "reminded": True})
    if (
        state is None
        or flow is None
        or not flow.remind
        or flow.discreet
        or isinstance(engine.question_of(flow, state), Choose)
    ):
        return False
    turn.say("flow.reminder")
    await _apply(turn, flow, engine.repeat(flow, state, _world(turn)), reminded=True)
    return True


async def _not_understood(turn: Turn, flow: Flow, state: engine.State, problem: str) -> bool:
    """Something of their own in between, something for the colleague who comes, or an answer that can't be read."""
    question = engine.question_of(flow, state)
    if away := _away(turn, question):
        _note_ways(turn, flow, [(state.node, away)])
    if isinstance(question, Choose) and question.open:
        turn.remember(flow=None)
        return False
    if turn.message.kind not in ("text", "button"):
        turn.aside = turn.message.kind in UNREAD_KINDS
        return False
    if turn.conversation.mode != "bot" and len(turn.text.split()) > SHORT_ANSWER:
        return False
    old = turn.hub.now() - datetime.fromisoformat(turn.recall("flow")["at"]) > FORGOTTEN_AFTER
    if old:
        turn.remember(flow=None)
        return False
    if _is_own(turn) or turn.action is not None:
        if away:  # the question comes again
            _note_ways(turn, flow, [(engine.BACK, state.node)])
        turn.aside = True
        return False
    await _apply(turn, flow, engine.again(flow, state, problem, _world(turn)))
    return True


async def _is_unasked(turn: Turn) -> bool:
    """The question is still held by a closed window: what opens it can't be the answer."""
    held = sa.select(Message.id).where(Message.conversation_id == turn.conversation.id, Message.status == "held")
    return bool(await turn.session.scalar(sa.select(held.exists())))


def _note_ways(turn: Turn, flow: Flow, ways: Iterable[tuple[str, str]]) -> None:
    if not flow.discreet:
        turn.ways += [(flow.flow, node, target) for node, target in ways]


def _away(turn: Turn, question: Question) -> str:
    """The button of this very question that leads out of the flow, if that was pressed."""
    options = question.options if isinstance(question, Choose) else ()
    away = {f"topic:{option.topic}" if option.topic else f"flow:{option.flow}" for option in options if not option.next}
    return turn.action if turn.action in away else ""


def _is_own(turn: Turn) -> bool:
    """A question or wish of the person's own, not an answer."""
    found = turn.understanding
    return (
        found.urgent
        or found.decision == "answer"
        or found.intent in ASIDE
        or turn.library.flow_started_by(turn.text) is not None
        or means("my_data", turn.text)
    )


def _wants_human(turn: Turn) -> bool:
    return turn.text == "0" or turn.understanding.intent == "human"


def _leaves(turn: Turn) -> bool:
    if turn.message.kind not in ("text", "button") or means("back", turn.text):
        return False
    if turn.action in ("menu", "human") or turn.text == "0":
        return True
    return turn.action is None and turn.understanding.intent in LEAVING


def _given(turn: Turn) -> Given:
    action = turn.action
    pick = action if action and action.startswith("pick:") else None
    return Given(turn.text, pick, turn.says, turn.message.kind if turn.message.kind != "button" else "text")


async def _apply(turn: Turn, flow: Flow, step: engine.Step, *, reminded: bool = False) -> None:
    """Do what the effects say, in their order, and keep the new state."""
    _note_ways(turn, flow, step.ways)
    now = turn.hub.now().isoformat()
    by = {BY: turn.led.by} if turn.led else {}
    kept = step.state.to_data() | {"at": now, "reminded": reminded} | by if step.state else None
    turn.remember(flow=kept, misses=None, options=None, labels=None)
    if kept and not turn.recall("flow_mark") and turn.hub.settings.demo and not flow.is_approved(turn.language):
        turn.remember(flow_mark=flow.flow)
        turn.say("draft_mark")
    for effect in _without_empty(turn, step.effects):
        await _do(turn, flow, effect)


async def _do(turn: Turn, flow: Flow, effect: Effect) -> None:
    match effect:
        case Say():
            _say(turn, effect)
        case Phrase(key):
            turn.say("flow.with_colleague" if turn.led and key in CALLING else key)
        case SayAnswer(topic):
            await _say_answer(turn, topic)
        case SayServices(topic):
            texts = _services(turn, topic)
            turn.outbound += [Outbound(text=text) for text in texts]
            if not texts and turn.conversation.mode == "bot":  # else somebody is coming anyway
                turn.say("service.none")
        case OpenCase():
            await _hand_over(turn, effect)
        case Learn(key, value):
            await _learn(turn, flow, key, value)
        case MakeLetter(slug, fields):
            await _make_letter(turn, slug, fields)
        case Begin(slug, node, fields):
            await begin(turn, slug, node, carried=fields)
        case Ended(topics):
            turn.remember(flow_mark=None)
            turn.done = True
            _offer_next(turn, topics)


def _services(turn: Turn, topic: str) -> list[str]:
    found = who_helps(turn.library, topic, turn.conversation.place, turn.language, turn.hub.now())
    return found[: 1 if turn.by_sms else SERVICES_SHOWN]


def _without_empty(turn: Turn, effects: Sequence[Effect]) -> list[Effect]:
    """That the directory knows nobody is said once, and only where no other topic of the same step has somebody."""
    asked = [effect for effect in effects if isinstance(effect, SayServices)]
    if len(asked) < 2:
        return list(effects)
    empty = [effect for effect in asked if not _services(turn, effect.topic)]
    spare = empty if len(empty) < len(asked) else empty[1:]
    return [effect for effect in effects if not any(effect is each for each in spare)]


def _say(turn: Turn, said: Say) -> None:
    """Pictures and recordings go before the words; an SMS can't carry them."""
    files = [turn.library.files[name] for name in said.files if name in turn.library.files and not turn.by_sms]
    turn.outbound += [Outbound(media=MediaFile(file.data, file.mime, file.name)) for file in files]
    turn.outbound.append(Outbound(text=said.text))
    if said.picks:
        turn.offer_buttons([Button(pick.id, pick.label) for pick in said.picks])


async def _say_answer(turn: Turn, topic: str) -> None:
    said, unsayable = turn.find_answers([topic])
    for each in said:
        turn.say_answer(each)
        turn.remember(last_topic=each.topic)
    if unsayable:
        await turn.hand_over("no_answer", needs=unsayable)


async def _hand_over(turn: Turn, case: OpenCase) -> None:
    """A deadline that is near makes the case urgent, whenever the person came to this point."""
    deadline = date.fromisoformat(case.deadline) if case.deadline else None
    await turn.hand_over(
        case.reason,
        needs=case.needs,
        urgent=case.urgent or (deadline is not None and deadline - turn.today <= URGENT_WITHIN),
        deadline=deadline,
        team=case.team,
        promise=case.promise,
    )
    if turn.led and (theirs := await open_case_of(turn.session, turn.conversation.contact_id)):
        await add_event(turn.session, theirs, "flow_handed", data={"reason": case.reason})


async def _learn(turn: Turn, flow: Flow, key: str, value: Any) -> None:
    if key == "place":
        turn.conversation.place = value if value in turn.library.places else ""
        turn.remember(place_asked=True)
    await learn(turn.session, turn.conversation.contact_id, key, value, flow.flow)


async def _make_letter(turn: Turn, slug: str, fields: Mapping[str, Any]) -> None:
    """The words to copy, and the PDF; by SMS only the link to it, for the words would cost a dozen messages."""
    letter = letters.write(turn.library, slug, fields, turn.language, turn.today)
    pdf = await asyncio.to_thread(letters.as_pdf, letter)
    if not turn.by_sms:
        turn.outbound.append(Outbound(text=f"{letter.subject}\n\n{letter.body}"))
        if letter.translation:
            turn.outbound.append(Outbound(text=f"{letter.translated_subject}\n\n{letter.translation}"))
    turn.outbound.append(Outbound(text=turn.phrase("letter.pdf"), media=pdf))


def _offer_next(turn: Turn, topics: tuple[str, ...]) -> None:
    """The way on after the last word."""
    if turn.conversation.mode != "bot" or (turn.outbound and turn.outbound[-1].buttons):
        return
    if not turn.outbound or turn.outbound[-1].media:
        turn.say("flow.ended")
    turn.offer([*(f"topic:{topic}" for topic in topics), *([] if turn.by_sms else ["menu"]), "human"])


def _state(turn: Turn) -> engine.State | None:
    data = turn.recall("flow")
    return engine.State.from_data({k: v for k, v in data.items() if k not in NOT_THE_ENGINES}) if data else None


async def _flow(turn: Turn, state: engine.State) -> Flow | None:
    """The very version that the conversation began with."""
    version, newest = turn.library.flows.get(state.flow, (0, None))
    if version == state.version:
        return newest
    data = await turn.session.scalar(
        sa.select(ContentVersion.data).where(
            ContentVersion.kind == "flow", ContentVersion.key == state.flow, ContentVersion.version == state.version
        )
    )
    return Flow.model_validate(data) if data else newest


def _world(turn: Turn) -> World:
    channel = turn.hub.registry.by_id(turn.conversation.channel_id)
    return World(
        turn.library,
        turn.language,
        channel.kind if channel else "",
        turn.conversation.place,
        turn.today,
        short=turn.by_sms,
    )
