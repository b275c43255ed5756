"""The router's rules, one function each: True when it took the message. Their order stands in `app.conversation`."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app import cases
from app.dialogue import begin
from app.models import Message
from app.topics import choose, greet, show_menu
from app.turn import LANGUAGE_BUTTONS, REPEAT_EMERGENCY_AFTER, Turn
from channels.base import MEDIA_KINDS
from flows.dialogue.whens import read_date
from flows.model import ANSWER_LANGUAGES

SECOND_TAP_WITHIN = timedelta(seconds=10)
STAFF_IS_THERE = timedelta(minutes=15)  # after their last message
UNHEARD = frozenset({"sticker", "unknown"})


async def meet_danger(turn: Turn) -> bool:
    """Numbers to the person at once, whatever else is going on, and a human is alerted; a stopped person gets no word."""
    found = turn.understanding
    if not found.danger:
        return False
    turn.remember(flow=None)  # what the person answers now is for the colleague
    silent = turn.is_group or turn.conversation.mode == "stopped"
    if not silent and _emergency_is_new(turn, found.danger):
        for danger in found.danger:
            turn.say(f"danger.{danger}")
        opens = (await turn.duty()).opens
        if opens:  # after the numbers, never in their stead
            turn.say("danger.person.later", opens=opens)
        else:
            turn.say("danger.person")
        turn.remember(danger_at=turn.hub.now().isoformat(), danger=list(found.danger), greeted=True)
    needs = found.topics if found.decision == "answer" else ()
    await turn.hand_over("danger", needs=needs, danger=found.danger, urgent=True, promise=False)
    if found.deadline and not silent and not turn.is_blocked:
        await _count_days(turn)
    return True


async def keep_silent(turn: Turn) -> bool:
    """Groups, people who stopped us and those who are blocked are heard, never answered; a wish to be erased goes to a human.

    Danger has been met before: who is blocked may still be in need.
    """
    silent = turn.is_group or turn.is_blocked or turn.conversation.mode == "stopped"
    if silent and not turn.is_group and turn.understanding.intent == "delete":
        await turn.hand_over("asked_to_delete", promise=False)
    return silent


async def ignore_second_tap(turn: Turn) -> bool:
    """The same button under the same message, at once again: a finger that trembled, or an impatient one."""
    message = turn.message
    if message.kind != "button" or message.reply_to is None:
        return False
    earlier = await turn.session.scalar(
        sa.select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.direction == "in", Message.seq < message.seq)
        .order_by(Message.seq.desc())
        .limit(1)
    )
    if earlier is None or (earlier.kind, earlier.reply_to) != ("button", message.reply_to):
        return False
    same = earlier.payload.get("button") == message.payload.get("button")
    return same and message.created_at - earlier.created_at < SECOND_TAP_WITHIN


async def leave_to_humans(turn: Turn) -> bool:
    """A human has it, or will: the bot is silent, but says once per wait when somebody is there again."""
    if turn.conversation.mode == "bot":
        return False
    urgent = turn.understanding.urgent
    if urgent or await cases.person_wrote(turn.hub, turn.session, turn.conversation) is None:
        await turn.hand_over("deadline" if urgent else "wrote_again", urgent=urgent, promise=False)
    told = turn.recall("told")  # what was said holds until that moment; if nobody is there then, it has to be said anew
    if told is None or datetime.fromisoformat(told) <= turn.hub.now():
        opens = (await turn.duty()).opens
        if opens and not await _staff_wrote_lately(turn):
            turn.say("off_duty", opens=opens)
    return True


async def _staff_wrote_lately(turn: Turn) -> bool:
    """Who answers out of hours is there, whatever the roster says."""
    last = await turn.session.scalar(
        sa.select(sa.func.max(Message.created_at)).where(
            Message.conversation_id == turn.conversation.id, Message.author == "staff"
        )
    )
    return last is not None and turn.hub.now() - last < STAFF_IS_THERE


async def greet_first(turn: Turn) -> bool:
    """At the first contact say who we are, once the language is known; the first question is answered in the same go."""
    _ = turn.understanding  # finds the language
    if turn.writes is not None:
        greet(turn)
    return False


async def hand_over_media(turn: Turn) -> bool:
    """Voice notes, photos and documents are for human eyes and ears; an album gets one word, not five."""
    if turn.message.kind not in MEDIA_KINDS - UNHEARD and turn.message.kind not in ("location", "contact"):
        return False
    album = turn.message.payload.get("album")
    kind = turn.message.kind if turn.message.kind in ("voice", "photo", "document") else "other"
    if turn.recall("flow"):  # which has a question open: a second one beside it would be answered for it
        kind = "other"
    if not (album and album == turn.recall("album")):
        turn.say(f"media.{kind}")
    turn.remember(album=album)
    needs, urgent = turn.understanding.topics or turn.last_needs, turn.understanding.urgent
    await turn.hand_over(turn.message.kind, needs=needs, urgent=urgent)
    if turn.writes is None:  # no word yet that tells the language
        turn.say("language.ask")
        turn.offer(LANGUAGE_BUTTONS)
    return True


async def hear_reaction(turn: Turn) -> bool:
    """A thumb under the bot's last question answers it; any other reaction is kept and asks for no answer."""
    if turn.message.kind != "reaction":
        return False
    asked = (turn.recall("pending") or turn.recall("flow")) is not None and turn.says is not None
    return not (asked and await turn.is_about_last_words())


async def meet_unknown_kind(turn: Turn) -> bool:
    """Stickers and kinds that nobody knows yet get the menu, not silence."""
    if turn.message.kind not in UNHEARD:
        return False
    if turn.aside:  # the open question comes again
        return True
    await show_menu(turn, instead="not_understood.kind")
    return True


async def want_human(turn: Turn) -> bool:
    """The bot has asked whether a person should answer: yes or no, in words or with a thumb."""
    if turn.recall("pending") != "human":
        return False
    turn.remember(pending=None)
    if turn.says == "yes":
        await turn.hand_over("asked", needs=turn.last_needs)
    elif turn.says == "no":
        await show_menu(turn)
    return turn.says is not None


async def press_button(turn: Turn) -> bool:
    """A button, or the number or words that stand for it."""
    return turn.text != "0" and turn.action is not None and await choose(turn, turn.action)


async def ask_for_human(turn: Turn) -> bool:
    """`0` means a human, always."""
    if turn.text != "0" and turn.understanding.intent != "human":
        return False
    await turn.hand_over("asked", needs=turn.last_needs)
    return True


async def follow_intent(turn: Turn) -> bool:
    """Small talk and commands."""
    found = turn.understanding
    match found.intent:
        case "greeting" | "thanks" | "about" if turn.aside:
            if found.intent != "greeting":
                turn.say(found.intent)
        case "menu" | "start" | "greeting":
            await show_menu(turn)
        case "language" if found.language_wanted in ANSWER_LANGUAGES:
            return await choose(turn, f"lang:{found.language_wanted}")
        case "language":
            turn.aside = False  # first the language, then the open question in it
            turn.say("language.ask")
            turn.offer(LANGUAGE_BUTTONS)
        case "thanks" | "about":
            turn.say(found.intent)
            turn.offer([*(["facts"] if found.intent == "about" else []), "menu", "human"])
        case _:
            return False
    return True


async def ask_for_language(turn: Turn) -> bool:
    """Who writes a language that has no answers (ru, tr) is asked which they accept; the question is kept."""
    if turn.writes in ANSWER_LANGUAGES or turn.recall("language_chosen"):
        return False
    turn.say("language.none" if turn.writes else "language.ask")
    turn.offer([*LANGUAGE_BUTTONS, "human"])
    turn.remember(question=turn.message.id if turn.text and turn.understanding.intent is None else None)
    return True


async def meet_deadline(turn: Turn) -> bool:
    """A deadline within days: what is known is said, and a human looks at it at once."""
    found = turn.understanding
    if not found.urgent:
        return False
    if turn.writes in ANSWER_LANGUAGES:
        said, _ = turn.find_answers(found.topics)
        for answer in said[:1]:
            turn.say_answer(answer)
    turn.say("deadline")
    turn.remember(flow=None)
    turn.aside = False
    await turn.hand_over("deadline", needs=found.topics, urgent=True)
    await _count_days(turn)
    return True


async def _count_days(turn: Turn) -> None:
    """Who wrote that they were dismissed goes on to the last day for the court, with the day that they named."""
    flow = turn.library.flow_for(turn.understanding.topics[0]) if turn.understanding.topics else None
    if flow is None or turn.writes not in ANSWER_LANGUAGES or not flow.asks("letter_date"):
        return
    day = read_date(turn.text, turn.language, turn.today)
    if day is not None and day <= turn.today:
        await begin(turn, flow.flow, letter_date=day.isoformat())
    else:
        await begin(turn, flow.flow)


def _emergency_is_new(turn: Turn, danger: tuple[str, ...]) -> bool:
    said_at = turn.recall("danger_at")
    if said_at is None or not set(danger) <= set(turn.recall("danger", [])):
        return True
    return turn.hub.now() - datetime.fromisoformat(said_at) > REPEAT_EMERGENCY_AFTER
