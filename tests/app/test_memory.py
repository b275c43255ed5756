"""What people corrected is used the next time: exactly, nearly, with other numbers, in either script. It goes with the person."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import memory, rendering
from app.hub import Hub
from app.models import Case, Contact, Memory, Message, User
from tests.translations import toy_argos
from tests.web.cast import add_channel, add_user, meet, open_case
from translations.machine import NoRoute, install

GERMAN = "Der Chef zahlt 450 € bis 15.03.2027."
BULGARIAN = "Шефът плаща 450 евро до 15.03.2027."


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("toys")
    return [toy_argos.build(source, target, folder) for source, target in toy_argos.PAIRS]


@pytest.fixture
def machine(hub: Hub, toys: list[Path]) -> None:
    for file in toys:
        install(file, hub.settings.packages_dir, lambda _: None)


async def message(hub: Hub) -> tuple[User, Message, Case]:
    async with hub.db.transaction() as session:
        ana = await add_user(session, "Ana")
        channel = await add_channel(hub, session, "bot", "telegram")
        talk = await meet(hub, session, channel, "Gelbe Lerche", "1", at=hub.now(), language="bg")
        said = await talk.says("помощ")
        return ana, said, await open_case(talk, "asked")


async def learn(hub: Hub, original: str, final: str, **values: str) -> Message:
    ana, said, _ = await message(hub)
    given = {"source": "de", "target": "bg", "draft": "машина", "origin": "mediation"} | values
    async with hub.db.transaction() as session:
        await memory.learn(session, original=original, final=final, user=ana, message_id=said.id, **given)
    return said


async def known(hub: Hub, sentence: str, source: str = "de", target: str = "bg") -> memory.Remembered | None:
    async with hub.db.transaction() as session:
        return await memory.remembered(session, source, target, sentence)


async def test_other_amounts_and_dates_share_one_sentence(hub: Hub) -> None:
    await learn(hub, GERMAN, BULGARIAN)
    found = await known(hub, "der Chef zahlt  500 € bis 1.4.2027.")
    assert found is not None
    assert (found.text, found.likeness) == ("Шефът плаща 500 евро до 1.4.2027.", 1.0)
    assert found.sentence == "Der Chef zahlt ⟦0⟧ € bis ⟦1⟧."
    assert await known(hub, "Der Chef zahlt 450 € bis 15.03.2027.", "de", "ro") is None


async def test_a_number_that_the_translation_says_otherwise_is_kept_as_it_is(hub: Hub) -> None:
    await learn(hub, "Er hat 2 Kinder.", "Той има две деца.")
    assert await known(hub, "Er hat 3 Kinder.") is None or (await known(hub, "Er hat 3 Kinder.")).likeness < 1  # type: ignore[union-attr]
    found = await known(hub, "Er hat 2 Kinder.")
    assert found is not None
    assert found.text == "Той има две деца."


async def test_near_ones_say_how_near_and_others_are_not_offered(hub: Hub) -> None:
    await learn(
        hub, "Bitte bringen Sie den Mietvertrag am Montag mit.", "Моля, донесете договора за наем в понеделник."
    )
    near = await known(hub, "Bitte bringen Sie den Mietvertrag am Dienstag mit.")
    assert near is not None
    assert memory.NEAR <= near.likeness < 1
    assert await known(hub, "Bitte bringen Sie Ihre Kinder am Montag mit in die Schule.") is None
    assert await known(hub, "Mietvertrag") is None
    assert await known(hub, "?!") is None


async def test_latin_bulgarian_is_the_same_sentence(hub: Hub) -> None:
    await learn(hub, "шефът не плаща", "Der Chef zahlt nicht", source="bg", target="de")
    found = await known(hub, "shefyt ne plashta", "bg", "de")
    assert found is not None
    assert found.text == "Der Chef zahlt nicht"


async def test_the_newest_holds_but_a_mediators_word_stands(hub: Hub) -> None:
    said = await learn(hub, "Guten Tag!", "Добър ден!")
    async with hub.db.transaction() as session:
        ana = (await session.scalars(sa.select(User))).one()
        for origin, text in (("edit", "Здравей!"), ("mediation", "Здравейте!")):
            await memory.learn(
                session, source="de", target="bg", original="Guten Tag!", draft="x", final=text,
                origin=origin, user=ana, message_id=said.id,
            )  # fmt: skip
            found = await memory.remembered(session, "de", "bg", "Guten Tag!")
            assert found is not None
            assert found.text == ("Добър ден!" if origin == "edit" else "Здравейте!")


async def test_what_a_colleague_left_unchanged_is_counted_only(hub: Hub) -> None:
    await learn(hub, "Guten Tag!", "Добър ден!", draft="Добър ден!", origin="edit")
    assert await known(hub, "Guten Tag!") is None


async def test_it_goes_with_the_person(hub: Hub) -> None:
    await learn(hub, GERMAN, BULGARIAN)
    async with hub.db.transaction() as session:
        await session.execute(sa.delete(Contact))
    async with hub.db.transaction() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Memory)) == 0


@pytest.mark.usefixtures("machine")
async def test_memory_first_and_the_machine_for_the_rest(hub: Hub) -> None:
    await learn(hub, "Chef zahlt nicht 450 €.", "Шефът Ви не Ви плаща 450 евро.")
    async with hub.db.transaction() as session:
        alone = await rendering.read(hub, session, "Chef zahlt nicht 20 €.", "de", "bg")
        mixed = await rendering.read(hub, session, "Chef zahlt Lohn.\n\nChef zahlt nicht 20 €. Geld morgen", "de", "bg")
        machine = await rendering.read(hub, session, "Geld morgen", "de", "bg")
    assert (alone.text, alone.origin, alone.likeness) == ("Шефът Ви не Ви плаща 20 евро.", "memory", 1.0)
    assert alone.route == ("de", "bg")
    assert mixed.text == "шефът плаща заплата.\n\nШефът Ви не Ви плаща 20 евро. пари утре"
    assert (mixed.origin, mixed.likeness, mixed.route) == ("machine", None, ("de", "en", "bg"))
    assert (machine.origin, machine.route) == ("machine", ("de", "en", "bg"))
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(Memory.uses))).one() == 2


async def test_without_packages_what_is_known_is_said(hub: Hub) -> None:
    await learn(hub, GERMAN, BULGARIAN)
    async with hub.db.transaction() as session:
        assert (await rendering.read(hub, session, GERMAN, "de", "bg")).text == BULGARIAN
        with pytest.raises(NoRoute):
            await rendering.read(hub, session, f"{GERMAN} Geld.", "de", "bg")


@pytest.mark.usefixtures("machine")
async def test_many_at_once_wait_for_nobody(hub: Hub) -> None:
    await learn(hub, GERMAN, BULGARIAN)

    async def one() -> str:
        async with hub.db.transaction() as session:
            return (await rendering.read(hub, session, f"{GERMAN} Geld morgen", "de", "bg")).text

    assert set(await asyncio.gather(*(one() for _ in range(10)))) == {f"{BULGARIAN} пари утре"}


def test_distances() -> None:
    assert memory.distance("Добър ден", "Добър ден ") == 0
    assert 0 < memory.distance("Добър ден, Ана", "Добър ден, Ани") < 0.5 < memory.distance("x", "Добър ден")
