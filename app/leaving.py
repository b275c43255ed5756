"""The router's rules about leaving and coming back: STOP, START, a blocked app, and the wish to be erased."""

from app import cases
from app.statuses import cancel_queued
from app.topics import show_menu
from app.turn import Turn
from flows.dialogue.reading import means


async def block_or_unblock(turn: Turn) -> bool:
    """The person closed or reopened the app to us: the provider says so, or their writing does."""
    if turn.message.kind == "blocked":
        await stop(turn, "blocked")
    elif turn.recall("stopped_by") in ("blocked", "address_gone"):
        await resume(turn)
    return turn.message.kind in ("blocked", "unblocked")


async def stop_or_start(turn: Turn) -> bool:
    """STOP is obeyed without a word; START (and /start) opens the conversation again."""
    if turn.is_group or turn.message.kind not in ("text", "button"):  # templates may have a button that says stop
        return False
    if told := turn.message.payload.get("opt"):  # the provider knew the word, has answered it, and blocks or unblocks
        await _obey_provider(turn, told)
        return True
    starts = turn.text == "/start" or turn.understanding.intent == "start"
    if turn.understanding.intent == "stop" and turn.understanding.intent_sure:
        await stop(turn, "asked")
        return True
    if starts and turn.conversation.mode == "stopped":
        await resume(turn)
        if turn.is_blocked:
            return True
        turn.say("start.again")
        if turn.conversation.mode == "bot":
            await show_menu(turn)
        return True
    return False


async def stop_if_meant(turn: Turn) -> bool:
    """Words that only sound like a wish to stop are asked about; who is silenced by mistake hears nothing more."""
    said = _answer(turn, "stop")
    if said == "yes":
        await stop(turn, "asked")
    elif said == "no":
        turn.say("stop.kept")
    if said:
        return True
    if turn.understanding.intent == "stop" and turn.conversation.mode == "bot" and turn.message.kind == "text":
        turn.say("stop.ask")
        _await_answer(turn, "stop")
        return True
    return False


async def delete_my_data(turn: Turn) -> bool:
    """Asked once, then erased everywhere; also while humans are at work, for it is the person's right."""
    said = _answer(turn, "delete")
    if said == "yes":
        await turn.hub.waker.erase(turn.session, turn.conversation.contact_id, turn.writes or turn.language)
    elif said == "no":
        turn.say("delete.kept")
    if said:
        return True
    if turn.understanding.intent == "delete" and turn.message.kind == "text" and not means("my_data", turn.text):
        turn.say("delete.ask")
        _await_answer(turn, "delete")
        return True
    return False


def _await_answer(turn: Turn, what: str) -> None:
    """Steps that can't be taken back are asked about once."""
    turn.offer([f"{what}:yes", f"{what}:no"])
    turn.remember(pending=what)


def _answer(turn: Turn, what: str) -> str | None:
    """What was answered, "yes" or "no". Anything else withdraws the question and is read as it stands."""
    if turn.recall("pending") != what:
        return None
    turn.remember(pending=None)
    if turn.action == f"{what}:yes" or turn.says == "yes":
        return "yes"
    if turn.action == f"{what}:no" or turn.says == "no":
        turn.aside = True
        return "no"
    return None


async def _obey_provider(turn: Turn, told: str) -> None:
    if told == "stop":
        await stop(turn, "asked")
    elif told == "start" and turn.conversation.mode == "stopped":
        await resume(turn)


async def stop(turn: Turn, why: str) -> None:
    turn.conversation.mode = "stopped"
    turn.remember(stopped_by=why, pending=None)
    await cancel_queued(turn.session, turn.conversation.id)


async def resume(turn: Turn) -> None:
    """Who spoke before speaks again: an open case still has its human."""
    case = await cases.open_case_of(turn.session, turn.conversation.contact_id)
    turn.conversation.mode = "bot" if case is None else "human" if case.assignee_id else "waiting"
    turn.remember(stopped_by=None, misses=None)
