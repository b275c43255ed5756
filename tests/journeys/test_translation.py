"""Translation from end to end: read in German, answered in German, put right by a mediator, remembered, and erased."""

from typing import Any

import sqlalchemy as sa

from app import mediating, mediation, privacy, translating
from app.asking import ask_mediator
from app.models import Case, Conversation, Mediation, Memory, Message, Reading, User
from app.replying import reply
from app.translating import Settled, Wanted
from app.written import german_of
from tests.journeys.test_delete import everything
from tests.providers.telegram.people import Person
from tests.stage import Stage
from tests.toys import install_toys

PAIRS = ("ro_en", "en_de", "de_en", "en_ro")
SAID = "șeful nu plătește salariu"
READ = "Chef nicht zahlt Lohn"
GERMAN = "Chef zahlt Lohn morgen 450 €"
MACHINE = "șeful plătește salariu mâine 450 €"
GOOD = "Șeful vă va plăti salariul mâine: 450 €."


async def romanian(stage: Stage) -> Person:
    person = stage.telegram.person()
    for words in ("bună ziua, am o întrebare", "vreau să vorbesc cu un om", SAID):
        await person.writes(words)
        await stage.run()
    return person


async def read_as(stage: Stage, text: str) -> list[tuple[str | None, str, float | None]]:
    query = sa.select(Reading).join(Message).where(Message.text == text).order_by(Message.id)
    return [(each.text, each.origin, each.likeness) for each in await stage.rows(query)]


async def settled(stage: Stage, ana: User, case: Case, german: str) -> Settled:
    async with stage.hub.db.transaction() as session:
        return await translating.settle(stage.hub, session, ana, case.id, 0, german, Wanted(on=True))


async def correct(stage: Stage, mila: User, text: str) -> Mediation:
    """The mediator takes the only text that waits, and releases it like this."""
    async with stage.hub.db.transaction() as session:
        (waits,) = await mediating.queue(stage.hub, session, mila)
        await mediating.take(stage.hub, session, mila, waits.row.id)
        row = await mediating.release(stage.hub, session, mila, waits.row.id, text=text)
    await stage.run()
    return row


async def seen(stage: Stage, case: Case) -> dict[str, Any]:
    async with stage.hub.db.transaction() as session:
        talk = await session.get_one(Conversation, case.conversation_id)
        return {"conversation_id": talk.id, "seen_seq": talk.last_seq}


async def test_put_right_once_and_used_the_next_time(stage: Stage) -> None:
    hub = stage.hub
    install_toys(hub, *PAIRS)
    ana, mila = await stage.staff(), await stage.staff("Mila", "mediator")
    person = await romanian(stage)
    (case,) = await stage.cases()
    assert await read_as(stage, SAID) == [(READ, "machine", None)]

    before = len(stage.sent())
    async with hub.db.transaction() as session:
        row = await ask_mediator(
            hub, session, ana, case.id, german=GERMAN, wanted=Wanted(on=True), **await seen(stage, case)
        )
        assert (row.original, row.draft, row.language) == (GERMAN, MACHINE, "ro")
    await stage.run()
    assert len(stage.sent()) == before, "nothing leaves unchecked"
    await correct(stage, mila, GOOD)
    (message,) = await stage.messages(Message.text == GOOD)
    assert [sent.text for sent in stage.sent()[before:]] == [GOOD]
    assert message.user_id == ana.id
    async with hub.db.transaction() as session:
        written = (await german_of(session, case.contact_id))[message.id]
    assert (written.german, written.machine, written.checked) == (GERMAN, MACHINE, True)

    again = await settled(stage, ana, case, GERMAN.replace("450", "500") + "\nVertrag morgen")
    assert again.made is not None
    assert again.text == GOOD.replace("450", "500") + "\ncontract mâine"
    assert (len(again.made.used), again.made.route) == (1, ("de", "en", "ro"))
    whole = await settled(stage, ana, case, GERMAN)
    assert whole.written is not None
    assert (whole.text, whole.written.route) == (GOOD, ())
    async with hub.db.transaction() as session:
        await reply(hub, session, ana, case.id, text=whole.text, written=whole.written, **await seen(stage, case))
        await translating.count_sent(session, whole)
    await stage.run()
    assert stage.sent()[-1].text == GOOD
    assert [memory.uses for memory in await stage.rows(sa.select(Memory))] == [1]

    (asked,) = await stage.messages(Message.text == SAID)
    async with hub.db.transaction() as session:
        await mediation.ask_reading(hub, session, ana, case.id, asked.id)
    await correct(stage, mila, "Der Chef zahlt mir den Lohn nicht.")
    await person.writes(SAID)
    await stage.run()
    german = "Der Chef zahlt mir den Lohn nicht."
    assert await read_as(stage, SAID) == [(german, "checked", None), (german, "memory", 1.0)]

    await privacy.erase(hub, case.contact_id, "ro")
    left = await everything(stage)
    assert [left[table] for table in ("readings", "mediations", "memories")] == [[], [], []]
    words = str(left)
    for said in (GOOD, GERMAN, SAID, READ, german):
        assert said not in words


async def test_what_a_colleague_puts_right_is_learnt_sentence_by_sentence(stage: Stage) -> None:
    hub = stage.hub
    install_toys(hub, *PAIRS)
    ana = await stage.staff()
    await romanian(stage)
    (case,) = await stage.cases()
    machine = "șeful plătește salariu. am contract."
    for german, mine in (
        ("Chef zahlt Lohn. habe Vertrag.", "Șeful plătește salariul. am contract."),
        ("Chef zahlt Geld. habe Vertrag.", "Șeful plătește."),  # nobody knows which is which
    ):
        wanted = Wanted(on=True, text=mine, language="ro", made_from=german, machine=machine)
        async with hub.db.transaction() as session:
            sends = await translating.settle(hub, session, ana, case.id, 0, german, wanted)
            await reply(hub, session, ana, case.id, text=sends.text, written=sends.written, **await seen(stage, case))
    (kept,) = await stage.rows(sa.select(Memory))
    assert (kept.sentence, kept.text, kept.origin) == ("Chef zahlt Lohn.", "Șeful plătește salariul.", "edit")
    assert (await settled(stage, ana, case, "Chef zahlt Lohn.")).text == "Șeful plătește salariul."
