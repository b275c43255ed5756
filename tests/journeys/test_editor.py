"""What coordinators write becomes what people hear: an answer from a question that got none; a flow changed, and back."""

from typing import Any

import pytest

from app import gaps
from app.editor import examples
from app.editor.approving import approve, missing
from app.editor.drafted import drafted_library
from app.editor.drafts import create, open_piece, save
from app.editor.redoing import take
from app.editor.releasing import Blocked, publish, rollback
from app.models import User
from flows.model import ANSWER_LANGUAGES
from tests.journeys.test_flows import starts
from tests.stage import Stage

TOPIC, ASKED = "everyday.tire_swap", "къде сменят гуми на колело"
SAID = "Сменят ги във вторник."
OLD, NEW = "Имате ли вече работа тук?", "Работите ли вече тук?"


def entry(stage: Stage) -> dict[str, Any]:
    words = {"label": "🚲", "question": "?", "messages": [SAID], "sms": SAID}
    today = stage.clock.now.date()
    return {
        "topic": TOPIC,
        "answers": dict.fromkeys(ANSWER_LANGUAGES, words),
        "sources": [{"code": "V-1", "law": "Hausordnung"}],
        "law_as_of": today.isoformat(),
        "review_on": today.replace(year=today.year + 1, day=1).isoformat(),
    }


async def goes_live(stage: Stage, ana: User, boris: User, kind: str, key: str) -> None:
    """Boris approves what Ana wrote, she publishes it, and the processes hear of it."""
    async with stage.hub.db.transaction() as session:
        piece = await open_piece(session, kind, key)
        for aspect in missing(piece, four_eyes=True):
            piece = await approve(stage.hub, session, boris, kind, key, aspect, seen=piece.revision)
        await publish(stage.hub, session, ana, kind, key, seen=piece.revision)
    await stage.hub.shelf.load()


async def test_an_unanswered_question_becomes_an_answer_that_is_said(stage: Stage) -> None:
    ana, boris = await stage.staff("Ana", "coordinator"), await stage.staff("Boris", "coordinator")
    asking = stage.telegram.person(5_000_000_300, language_code="bg")
    await stage.says(asking, ASKED)
    async with stage.hub.db.transaction() as session:
        (group,) = await gaps.open_groups(session, stage.hub.shelf.understander)
        assert group.texts == (ASKED,)
        await create(stage.hub, session, ana, "entry", TOPIC, entry(stage))
        await examples.add(stage.hub, session, ana, TOPIC, {"bg": list(group.texts)})  # while the answer is a draft
        await gaps.close(session, group.ids)
    assert all(SAID not in sent.text for sent in await stage.says(asking, ASKED)), "a draft is not said"
    await goes_live(stage, ana, boris, "entry", TOPIC)
    await goes_live(stage, ana, boris, "examples", TOPIC)
    other = stage.telegram.person(5_000_000_301, language_code="bg")
    assert any(SAID in sent.text for sent in await stage.says(other, ASKED))


async def test_a_talk_keeps_its_version_of_a_flow_and_the_old_one_comes_back(stage: Stage) -> None:
    ana, boris = await stage.staff("Ana", "coordinator"), await stage.staff("Boris", "coordinator")
    before, after = (stage.telegram.person(5_000_000_310 + number, language_code="bg") for number in range(2))
    await starts(stage, before, "arrival")
    async with stage.hub.db.transaction() as session:
        flow = await open_piece(session, "flow", "arrival")
        job = flow.data["nodes"]["job"]
        assert job["text"]["bg"] == OLD
        nodes = flow.data["nodes"] | {"job": job | {"text": job["text"] | {"bg": NEW}}}
        await save(stage.hub, session, ana, "flow", "arrival", {**flow.data, "nodes": nodes}, seen=flow.revision)
    with pytest.raises(Blocked) as refused:
        await goes_live(stage, ana, boris, "flow", "arrival")
    await look_at_dialogues(stage, boris, [issue.where.removeprefix("dialogue ") for issue in refused.value.issues])
    await goes_live(stage, ana, boris, "flow", "arrival")

    assert any(OLD in sent.text for sent in await stage.says(before, "Weißenfels"))
    await starts(stage, after, "arrival")
    assert any(NEW in sent.text for sent in await stage.says(after, "Weißenfels"))

    async with stage.hub.db.transaction() as session:
        await rollback(stage.hub, session, boris, "flow", "arrival", 1, note="too short")
    await stage.hub.shelf.load()
    third = stage.telegram.person(5_000_000_313, language_code="bg")
    await starts(stage, third, "arrival")
    assert any(OLD in sent.text for sent in await stage.says(third, "Weißenfels"))


async def look_at_dialogues(stage: Stage, user: User, names: list[str]) -> None:
    """'This is how it should be now', with the flow's draft in place: they go live together with it."""
    assert names
    for name in names:
        async with stage.hub.db.transaction() as session:
            library, _ = await drafted_library(session, stage.hub.shelf.library, "drafts")
            piece = await open_piece(session, "transcript", name)
            await take(stage.hub, session, user, name, library, seen=piece.revision)
