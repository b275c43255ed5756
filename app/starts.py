"""The router's rules for how people come in: start links, codes from posters, words that begin a flow or show what is known."""

from app import street
from app.dialogue import begin
from app.topics import choose, greet, show_facts, show_menu
from app.turn import LANGUAGE_BUTTONS, Turn
from flows.dialogue.reading import means
from flows.model import ANSWER_LANGUAGES


async def use_start_code(turn: Turn) -> bool:
    """A code from a poster: it is counted, tells place and language where they are not known, and opens what it leads to."""
    code = await street.find_code(turn) if turn.message.kind in ("text", "button") else None
    if code is None:
        return False
    await street.count(turn, code)
    if turn.conversation.mode != "bot":
        return False
    if code.language in ANSWER_LANGUAGES and turn.conversation.language is None:
        turn.conversation.language = code.language
    turn.conversation.place = turn.conversation.place or code.place
    greet(turn)
    turn.remember(flow=None)
    if code.action is None or not await choose(turn, code.action):
        await show_menu(turn)
    return True


async def start_link(turn: Turn) -> bool:
    """`/start`, with or without what the link carried: 'work-wage_unpaid' or 'work-wage_unpaid--bg'."""
    if turn.text != "/start":
        return False
    topic, _, language = str(turn.message.payload.get("start_payload", "")).partition("--")
    if language in ANSWER_LANGUAGES:
        turn.conversation.language = language
    if await begin(turn, topic.removeprefix("flow-")):
        return True
    topic = topic.replace("-", ".", 1)
    if topic in turn.library.entries:
        return await choose(turn, f"topic:{topic}")
    if turn.writes in ANSWER_LANGUAGES:
        await show_menu(turn)
    else:
        turn.say("language.ask")
        turn.offer([*LANGUAGE_BUTTONS, "human"])
    return True


async def show_my_data(turn: Turn) -> bool:
    """What flows learned about the person, each with a button that deletes it."""
    if not means("my_data", turn.text):
        return False
    await show_facts(turn)
    return True


async def start_flow(turn: Turn) -> bool:
    """Words that a flow is started with, such as 'my list'."""
    slug = turn.library.flow_started_by(turn.text)
    return slug is not None and await begin(turn, slug)
