"""The router's part about topics: the menu, what a button does, an FAQ answer, an offer, a miss, what is known."""

from dataclasses import replace

import sqlalchemy as sa

from app import gaps
from app.dialogue import begin
from app.directory import who_helps
from app.facts import facts_of, forget, learn
from app.models import Message
from app.turn import LANGUAGE_BUTTONS, MENU, Turn
from channels.base import Outbound
from flows.dialogue.wording import say_value
from flows.library import Library
from flows.model import ANSWER_LANGUAGES

OFFERED = 3
FACTS_SHOWN = 8  # with the menu and the human as many as WhatsApp shows in a list
STORY_WORDS = 15  # who has told a story is not asked to write it again: a human reads it
MISSES_BEFORE_HUMAN = 2


def greet(turn: Turn) -> None:
    """Who we are, said once."""
    if turn.recall("greeted"):
        return
    turn.say("greeting")
    turn.remember(greeted=True)
    free = next((c.options["link"] for c in turn.hub.registry.all() if not c.by_sms and c.options.get("link")), None)
    if turn.by_sms and free:
        words = f"{turn.outbound[-1].text} {turn.phrase('sms.free', link=free)}"
        turn.outbound[-1] = replace(turn.outbound[-1], text=words)


async def show_menu(turn: Turn, *, instead: str | None = None) -> None:
    """The menu is a flow, which coordinators change like any other. `instead`: a phrase in the place of its question."""
    if not await begin(turn, MENU):
        turn.say("menu")
        turn.offer(["human"])
    if instead:
        question = turn.outbound.pop()
        turn.say(instead)
        turn.outbound.append(replace(question, text=turn.outbound.pop().text))


async def show_facts(turn: Turn) -> None:
    """What the hub has learned about the person, each with a button to delete it."""
    facts = await facts_of(turn.session, turn.conversation.contact_id)
    lines = [
        f"• {turn.library.fields[key].names[turn.language]}: {say_value(turn.library, key, value, turn.language)}"  # type: ignore[index]
        for key, value in facts.items()
        if key in turn.library.fields
    ]
    turn.outbound.append(Outbound(text="\n".join([turn.phrase("facts.title" if lines else "facts.none"), *lines])))
    turn.offer([*(f"forget:{key}" for key in list(facts)[:FACTS_SHOWN] if lines), "menu", "human"])


async def choose(turn: Turn, action: str) -> bool:
    """What a button does. False for one that this version no longer knows."""
    kind, _, what = action.partition(":")
    turn.remember(misses=None)
    match kind:
        case "human":
            await turn.hand_over("asked", needs=turn.last_needs)
        case "menu":
            await show_menu(turn)
        case "flow" | "pick":  # a button of a flow that is over begins it anew
            return await begin(turn, what.partition(":")[0])
        case "facts":
            await show_facts(turn)
        case "forget":
            await forget(turn.session, turn.conversation.contact_id, what)
            turn.say("facts.forgotten")
            await show_facts(turn)
        case "topic":
            await answer(turn, [what])
        case "help":
            _say_who_helps(turn, what)
        case "language":
            turn.say("language.ask")
            turn.offer(LANGUAGE_BUTTONS)
        case "lang" if what in ANSWER_LANGUAGES:
            await _speak(turn, what)
        case "place":
            await _live_in(turn, what)
        case _:
            return False
    return True


async def answer_or_ask(turn: Turn) -> bool:
    """The FAQ: answer when sure, offer when not, ask or hand over when lost."""
    found = turn.understanding
    if found.decision == "answer":
        turn.remember(misses=None)
        await answer(turn, found.topics)
    elif found.decision == "offer" and (known := _known(turn)):
        turn.say("offer")
        turn.offer([*(f"topic:{topic}" for topic in known), "human"])
    elif found.decision == "offer":
        await _keep_gap(turn)
        await turn.hand_over("no_answer", needs=[candidate.topic for candidate in found.candidates[:1]])
    else:
        await _miss(turn)
    return True


async def answer(turn: Turn, topics: tuple[str, ...] | list[str]) -> None:
    """Say what may be said about these topics; what may not goes to a human. Every answer ends with a next step."""
    said, unsayable = turn.find_answers(topics)
    for each in said:
        turn.say_answer(each)
    if unsayable:
        await _keep_gap(turn)
        await turn.hand_over("no_answer", needs=unsayable)
    if said:
        turn.remember(last_topic=said[-1].topic)
    if not said or unsayable or turn.aside:
        return
    local = any(turn.library.entries[each.topic][1].places for each in said)
    if local and not turn.conversation.place and not turn.recall("place_asked") and not turn.by_sms:
        turn.remember(place_asked=True)
        turn.say("place.ask")
        turn.offer([*(f"place:{slug}" for slug in turn.library.served), "place:other"])
        return
    already = {each.topic for each in said}
    more = [f"topic:{slug}" for slug in said[-1].next if slug not in already]
    turn.offer(_next_steps(turn, said[-1].topic, more))


def _next_steps(turn: Turn, topic: str, more: list[str]) -> list[str]:
    return next_steps(turn.library, topic, more, by_sms=turn.by_sms, helped=bool(_helpers(turn, topic)))


def next_steps(library: Library, topic: str, more: list[str], *, by_sms: bool, helped: bool) -> list[str]:
    """Every answer ends with these; by SMS each line costs, and the menu is one letter away in any case.

    `helped`: the directory knows somebody.
    """
    flow = library.flow_for(topic)
    lead = [f"flow:{flow.flow}"] if flow else []
    return [*lead, *([f"help:{topic}"] if helped else []), *more, *([] if by_sms else ["menu"]), "human"]


def _helpers(turn: Turn, topic: str) -> list[str]:
    return who_helps(turn.library, topic, turn.conversation.place, turn.language, turn.hub.now())


def _say_who_helps(turn: Turn, topic: str) -> None:
    """Offices and advice centres for the topic, the nearest that speak the person's language first."""
    found = _helpers(turn, topic)
    turn.outbound += [Outbound(text=text) for text in found[: 1 if turn.by_sms else None]]
    if not found:
        turn.say("service.none")
    turn.offer(["menu", "human"])


async def _keep_gap(turn: Turn) -> None:
    """What got no answer becomes work for coordinators; groups are not theirs to read."""
    if turn.text and not turn.is_group:
        await gaps.keep(turn.session, turn.message.id, turn.understanding)


async def _miss(turn: Turn) -> None:
    await _keep_gap(turn)
    misses = turn.recall("misses", 0) + 1
    if misses > MISSES_BEFORE_HUMAN or len(turn.text.split()) >= STORY_WORDS:
        await turn.hand_over("not_understood")
    elif misses == MISSES_BEFORE_HUMAN:
        turn.say("not_understood.again")
        turn.offer(["human", "menu"])
        turn.remember(misses=misses, pending="human")
    else:
        await show_menu(turn, instead="not_understood")
        turn.remember(misses=misses)


def _known(turn: Turn) -> list[str]:
    """The best candidates that have an entry to show."""
    topics = [candidate.topic for candidate in turn.understanding.candidates[:OFFERED]]
    return [topic for topic in topics if turn.library.label(topic, turn.language)]


async def _speak(turn: Turn, language: str) -> None:
    """Another language from now on; a question that waited for the choice is answered now."""
    turn.conversation.language = language
    turn.remember(language_chosen=language)
    greet(turn)
    turn.say("language.set")
    waiting = turn.recall("question")
    turn.remember(question=None)
    question = await turn.session.scalar(sa.select(Message).where(Message.id == waiting)) if waiting else None
    if question is None:
        if not turn.aside:
            await show_menu(turn)
        return
    earlier = Turn(turn.hub, turn.session, turn.conversation, question, is_group=False)
    await answer_or_ask(earlier)
    turn.outbound += earlier.outbound
    turn.answers += earlier.answers


async def _live_in(turn: Turn, slug: str) -> None:
    """The person's place is known now: say what holds there about the topic they asked for."""
    known = slug in turn.library.places
    turn.conversation.place = slug if known else ""
    await learn(turn.session, turn.conversation.contact_id, "place", slug if known else None, "")
    topic = turn.recall("last_topic", "")
    turn.say("place.set" if known else "place.other")
    turn.outbound += [Outbound(text=text) for text in turn.library.local(topic, turn.language, slug, turn.today)]
    entry = turn.library.entries.get(topic)
    turn.offer(_next_steps(turn, topic, [f"topic:{slug}" for slug in (entry[1].next if entry else ())]))
