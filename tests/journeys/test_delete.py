"""'Delete my data': asked once, then nothing of the person is left anywhere."""

import json
from typing import Any

import sqlalchemy as sa

from app.models import Conversation
from app.privacy import ERASURES, read_erasures, replay_erasures
from tests.journeys.test_first_contact import actions, texts
from tests.journeys.test_handover import asks_for_a_human, reply
from tests.stage import Stage, heed_rates
from translations.phrases import phrase

SECRET_WORDS = "тайна-4711"


async def everything(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the hub's own words, which tell of danger too."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with stage.hub.db.transaction() as session:
        tables = await session.scalars(
            sa.text("select table_name from information_schema.tables where table_schema = 'public'"
                    " and table_type = 'BASE TABLE' and table_name <> 'content_versions'")
        )  # fmt: skip
        for table in tables.all():
            rows = await session.execute(sa.text(f'select to_jsonb(t) as row from "{table}" t'))
            found[table] = [row[0] for row in rows]
    return found


async def test_asked_once_and_no_keeps_everything(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await stage.says(person, "изтрийте данните ми")
    assert (sent[-1].text, actions(sent[-1])) == (phrase("delete.ask", "bg"), ["delete:yes", "delete:no"])
    assert texts(await stage.says(person, "не")) == [phrase("delete.kept", "bg")]
    assert len(await stage.rows(sa.select(Conversation))) == 1
    assert phrase("delete.done", "bg") not in texts(await stage.says(person, "да"))


async def test_another_word_in_between_is_no_yes(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "изтрийте данните ми", "шефът не ми плаща заплатата", "да")
    assert len(await stage.rows(sa.select(Conversation))) == 1


async def test_yes_erases_everywhere_and_says_goodbye_once(stage: Stage) -> None:
    await heed_rates(stage.hub)
    ana = await stage.staff()
    person = stage.telegram.person(id=5_123_456_789)
    await stage.says(person, f"Здравейте, {SECRET_WORDS}", "мъжът ми ме бие")
    await stage.after(person.sends_voice(b"OggS"))
    case_id = (await stage.cases())[0].id
    await reply(stage, ana, case_id, f"Здравейте {SECRET_WORDS}")
    conversation = await stage.conversation()
    (asked,) = await stage.says(person, "изтрийте данните ми")
    sent = await stage.after(person.presses(asked, "delete:yes"))
    assert texts(sent) == [phrase("delete.done", "bg")]
    left = await everything(stage)
    dump = json.dumps(left, ensure_ascii=False, default=str)
    for trace in (SECRET_WORDS, str(person.id), "бие", phrase("delete.ask", "bg")):
        assert trace not in dump
    for table in (
        "contacts",
        "addresses",
        "conversations",
        "cursors",
        "messages",
        "media",
        "cases",
        "case_events",
        "alerts",
    ):
        assert left[table] == [], table
    assert not [row for row in left["rate_limits"] if row["key"].startswith("address:")]
    assert conversation.id not in [row["args"].get("conversation_id") for row in left["procrastinate_jobs"]]
    (erasure,) = read_erasures(stage.hub.settings.data_dir / ERASURES)
    assert set(erasure) == {"channel", "lookup", "at"}
    assert str(person.id) not in json.dumps(erasure)


async def test_yes_in_words_and_by_number_also_while_a_human_has_it(stage: Stage) -> None:
    for number, yes in enumerate(("da", "1", "Да, изтрийте всичко")):
        person = stage.telegram.person(9_000 + number)
        await stage.says(person, "искам да говоря с човек", "изтрийте данните ми")
        sent = await stage.says(person, yes)
        assert texts(sent) == [phrase("delete.done", "bg")], yes
    assert await stage.rows(sa.select(Conversation)) == []


async def test_who_writes_again_begins_anew_and_an_older_list_does_not_erase_them(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "изтрийте данните ми", "да")
    stage.clock.moves(seconds=-1)
    assert texts(await stage.says(person, "Здравейте"))[0] == phrase("greeting", "bg")
    erasures = read_erasures(stage.hub.settings.data_dir / ERASURES)
    assert await replay_erasures(stage.hub.db, erasures) == 0
    assert len(await stage.rows(sa.select(Conversation))) == 1


async def test_a_restored_older_backup_is_erased_again(stage: Stage) -> None:
    person = stage.telegram.person()
    await asks_for_a_human(stage, person)
    (conversation,) = await stage.rows(sa.select(Conversation))
    lookup = stage.hub.vault.lookup(str(person.id)).hex()
    at = (stage.clock.now.replace(year=stage.clock.now.year + 1)).isoformat()
    line = {"channel": conversation.channel_id, "lookup": lookup, "at": at}
    assert await replay_erasures(stage.hub.db, [line]) == 1
    assert (await everything(stage))["messages"] == []
