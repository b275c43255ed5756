"""Unanswered questions become work: kept once, grouped, closed, and gone with the person."""

import sqlalchemy as sa

from app import gaps, privacy
from app.models import Gap
from tests.stage import Stage

TIRES = ("къде сменят гуми на колело", "кой сменя гуми на колело тука", "сменяте ли гуми на колело")


async def test_questions_without_answer_are_grouped(stage: Stage) -> None:
    for number, words in enumerate(TIRES):
        await stage.says(stage.telegram.person(5_000_000_100 + number), words)
    other = stage.telegram.person(5_000_000_200, language_code="ro")
    await stage.says(other, "unde se repara vioara veche")
    await stage.says(other, "multumesc")

    async with stage.hub.db.transaction() as session:
        first, second = await gaps.open_groups(session, stage.hub.shelf.understander)
        assert (len(first.ids), first.languages, set(first.texts)) == (3, {"bg": 3}, set(TIRES))
        assert second.languages == {"ro": 1}
        only = await gaps.open_groups(session, stage.hub.shelf.understander, "ro")
        assert [each.ids for each in only] == [second.ids]
        assert await gaps.close(session, first.ids) == 3
        assert await gaps.close(session, first.ids) == 0
        assert [each.ids for each in await gaps.open_groups(session, stage.hub.shelf.understander)] == [second.ids]


async def test_what_is_answered_is_no_gap_and_what_is_erased_is_gone(stage: Stage) -> None:
    person = stage.telegram.person(language_code="bg")
    await stage.says(person, "шефът не ми плаща заплатата")
    assert not await stage.rows(sa.select(Gap))
    await stage.says(person, TIRES[0])
    (gap,) = await stage.rows(sa.select(Gap))
    assert gap.language == "bg"
    conversation = await stage.conversation()
    await privacy.erase(stage.hub, conversation.contact_id, "bg")
    assert not await stage.rows(sa.select(Gap))
