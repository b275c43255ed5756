"""Writing German: what is shown is what is sent, the German stays beside it, and nothing leaves untranslated unnoticed."""

import asyncio
import html
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app import later, second_reader, translating
from app.drafts import drafts_of
from app.hub import Hub
from app.models import Case, Conversation, Draft, Message, PendingReply, Reading, ScheduledReply, Setting
from app.parts import parts_of
from app.resending import send_again
from app.risky import SECOND_READER
from app.written import Written, german_of
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.street import Street
from translations.machine import Machine

GERMAN, ROMANIAN = "Chef zahlt Lohn morgen 450 €", "șeful plătește salariu mâine 450 €"
PHOTO = "Bitte schicken Sie mir ein Foto vom Brief. Bitte alle Seiten, auch die Rückseiten."
POZA = "Vă rog să îmi trimiteți o poză cu scrisoarea. Toate paginile, vă rog, și pe verso."


@pytest.fixture
def toys(hub: Hub, toy_packages: Path) -> Path:
    shutil.copytree(toy_packages, hub.settings.packages_dir)
    return hub.settings.packages_dir


@pytest.fixture
async def ana(browse: NewBrowser, street: Street) -> Browser:
    return await browse("ana@example.org")


async def to_of(hub: Hub, case: Case) -> str:
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, case.conversation_id)
        return f"{conversation.id}:{conversation.last_seq}"


async def all_of(hub: Hub, *where: Any) -> list[Message]:
    async with hub.db.transaction() as session:
        query = sa.select(Message).where(Message.author == "staff", Message.status == "queued", *where)
        return list(await session.scalars(query.order_by(Message.id)))


async def reading_of(hub: Hub, message: Message) -> Reading | None:
    async with hub.db.transaction() as session:
        return await session.scalar(sa.select(Reading).where(Reading.message_id == message.id))


def form(to: str, text: str = GERMAN, **values: str) -> dict[str, str]:
    return {"to": to, "text": text, "translate": "1", "may_translate": "1", "language": "ro"} | values


def seen(to: str, text: str = GERMAN, machine: str = ROMANIAN, **values: str) -> dict[str, str]:
    """As the composer sends what its writer had before their eyes."""
    return form(to, text, translation=machine, machine=machine, made_from=text) | values


async def test_the_preview_says_what_made_it(ana: Browser, street: Street, toys: Path) -> None:
    path = f"/inbox/{street.urgent.id}"
    page = (await ana.get(path)).text
    assert "Write German" in page
    assert "Romanian" in page
    made = html.unescape((await ana.post(f"{path}/translate", {"text": GERMAN}, headers=HTMX)).text)
    assert ROMANIAN in made
    assert "machine" in made
    assert "over English" in made
    flagged = {"text": GERMAN, "translation": ROMANIAN.replace("450", "540")}
    notes = (await ana.post(f"{path}/translate/check", flagged, headers=HTMX)).text
    assert "<code>450</code> <code>540</code>" in notes
    back = (await ana.post(f"{path}/translate/back", {"translation": ROMANIAN}, headers=HTMX)).text
    assert GERMAN in html.unescape(back)


async def test_what_was_shown_is_what_is_sent_and_both_stand_in_the_thread(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    answer = await ana.post(f"{path}/reply", seen(to, machine=ROMANIAN + " shown"))
    assert answer.status_code == 303
    (message,) = await all_of(hub)
    assert message.text == ROMANIAN + " shown"
    assert message.payload["translated"] == {"to": "ro", "edited": False}
    reading = await reading_of(hub, message)
    assert reading is not None
    assert (reading.text, reading.origin, reading.language, reading.user_id) == (GERMAN, "written", "de", street.ana.id)
    assert reading.route == ["de", "en", "ro"]
    page = html.unescape((await ana.get(path)).text)
    assert f'lang="de">{GERMAN}</p>' in page
    assert "Sent in Romanian · machine · over English" in page
    assert ROMANIAN + " shown" in page


async def test_what_is_not_there_yet_is_translated_when_it_is_sent(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    old = form(to, translation="mâine", machine="mâine", made_from="morgen")  # of what stood there before, not changed
    assert (await ana.post(f"{path}/reply", old)).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == ROMANIAN


async def test_a_translation_changed_by_hand_is_never_lost_or_sent_for_other_words(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    mine = form(to, translation="Șeful vă plătește!", machine=ROMANIAN, made_from="Chef zahlt")
    refused = await ana.post(f"{path}/reply", mine, headers=HTMX)
    assert refused.status_code == 409
    assert "You changed the German" in refused.text
    assert "Șeful vă plătește!" in html.unescape(refused.text)
    assert await all_of(hub) == []
    assert (await ana.post(f"{path}/reply", mine | {"fits": "1"})).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == "Șeful vă plătește!"
    assert message.payload["translated"] == {"to": "ro", "edited": True, "machine": ""}, (
        "its words were for other German"
    )
    anew = await ana.post(f"{path}/reply", mine | {"look": "1"}, headers=HTMX)
    assert anew.status_code == 200
    assert f">{ROMANIAN}</textarea>" in html.unescape(anew.text)
    assert len(await all_of(hub)) == 1


async def test_without_packages_its_writer_decides(ana: Browser, hub: Hub, street: Street) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    assert "no translation to Romanian is installed" in (await ana.get(path)).text
    refused = await ana.post(f"{path}/reply", form(to), headers=HTMX)  # they were there when the page was loaded
    assert refused.status_code == 409
    assert "Nothing was sent" in refused.text
    assert 'name="as_written"' in refused.text
    assert await all_of(hub) == []
    assert (await ana.post(f"{path}/reply", form(to, as_written="1"))).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == GERMAN
    assert await reading_of(hub, message) is None
    assert "translated" not in message.payload


async def test_a_slow_machine_stops_nobody(hub: Hub, street: Street, toys: Path) -> None:
    slow = Machine(toys, seconds=0.0)
    other = replace(hub, machine=slow)
    try:
        async with hub.db.transaction() as session:
            work = (other, session, street.ana, street.urgent.id, 0, GERMAN)
            settled = await translating.settle(*work, translating.Wanted(on=True))
            assert (settled.problem, settled.written) == ("too_slow", None)
            chosen = await translating.settle(*work, translating.Wanted(on=True, as_written=True))
            assert (chosen.problem, chosen.text) == (None, GERMAN)
    finally:
        slow.close()


async def test_nor_does_a_broken_one(hub: Hub, street: Street, toys: Path) -> None:
    broken = Machine(toys)
    broken.close()
    async with hub.db.transaction() as session:
        work = (replace(hub, machine=broken), session, street.ana, street.urgent.id, 0, GERMAN)
        assert (await translating.settle(*work, translating.Wanted(on=True))).problem == "no_route"


async def test_what_the_machine_left_in_german_is_not_sent_unseen(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    text = "Chef zahlt. " + "ab-" * 200 + "ab."  # more than a model takes at once
    refused = await ana.post(f"{path}/reply", form(to, text), headers=HTMX)
    assert refused.status_code == 409
    assert "not complete" in refused.text
    assert "Left in German" in refused.text
    assert await all_of(hub) == []


async def test_ready_texts_need_no_machine(ana: Browser, hub: Hub, street: Street, toys: Path) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    text = f"{GERMAN}\r\n{PHOTO}"
    made = html.unescape((await ana.post(f"{path}/translate", {"text": text}, headers=HTMX)).text)
    assert f"{ROMANIAN}\n{POZA}" in made
    assert "ready text of the team" in made
    shutil.rmtree(toys)  # the words alone need no package
    assert (await ana.post(f"{path}/reply", form(to, PHOTO))).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == POZA
    reading = await reading_of(hub, message)
    assert reading is not None
    assert reading.route == []


async def test_what_is_filled_into_a_ready_text_is_carried_over(hub: Hub, street: Street, toys: Path) -> None:
    ready = (("Termin: {date}, {time}", "Programare: {date}, {time}"),)
    for given, wanted, left in (
        ("Termin: 3.4., 10:30", "Programare: 3.4., 10:30", ()),
        ("Termin: Montag, 10:30", "Programare: Montag, 10:30", ("Montag",)),
        ("Termin: {date}, 9:00", "Programare: {date}, 9:00", ()),
    ):
        made = await translating.translate(hub, translating.Job(given, "ro", tuple(parts_of(given, ready)), ()))
        assert (made.text, made.untouched, made.ready) == (wanted, left, True)


async def test_the_choice_is_kept_per_colleague_and_case(
    ana: Browser, browse: NewBrowser, hub: Hub, street: Street, toys: Path
) -> None:
    path = f"/inbox/{street.urgent.id}"
    box = re.compile(r'name="translate"\s+value="1"\s+checked')
    assert box.search((await ana.get(path)).text)
    assert (await ana.post(f"{path}/translate/choice", {})).status_code == 204
    assert not box.search((await ana.get(path)).text)
    other = await browse("boris@example.org")
    assert box.search((await other.get(path)).text)
    to = await to_of(hub, street.urgent)
    sent = {"to": to, "text": "Vin mâine.", "may_translate": "1"}
    assert (await ana.post(f"{path}/reply", sent)).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == "Vin mâine."
    assert await reading_of(hub, message) is None


async def test_drafts_keep_both_texts(ana: Browser, hub: Hub, street: Street, toys: Path) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    await ana.post(f"{path}/draft", {"kind": "reply", "text": GERMAN})
    await ana.post(f"{path}/draft", {"kind": "translation", "text": "Al meu", "made_from": GERMAN})
    page = html.unescape((await ana.get(path)).text)
    assert ">Al meu</textarea>" in page
    assert re.search(rf'name="made_from"\s+value="{re.escape(GERMAN)}"', page)
    assert (await ana.post(f"{path}/reply", seen(to, machine="") | {"translation": "Al meu"})).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == "Al meu"
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(Draft))).all() == []


async def test_later_goes_out_as_it_was_shown_or_comes_back_whole(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    at = f"{hub.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    for text in ("Al meu", "Al doilea"):
        mine = seen(to) | {"translation": text, "send_at": at}
        assert (await ana.post(f"{path}/reply", mine)).status_code == 303
    page = html.unescape((await ana.get(path)).text)
    assert f'lang="de">{GERMAN}</p>' in page
    assert "Al meu" in page
    async with hub.db.transaction() as session:
        second = (await session.scalars(sa.select(ScheduledReply).order_by(ScheduledReply.id))).all()[1]
        await later.cancel(hub, session, street.ana, street.urgent.id, second.id)
        kept = await drafts_of(session, street.ana, street.urgent.id)
    assert kept == {"reply": GERMAN, "translation": "Al doilea"}
    tomorrow = replace(hub, now=lambda: hub.now() + timedelta(days=2))
    await later.send_due(tomorrow)
    (message,) = await all_of(hub)
    assert message.text == "Al meu"
    reading = await reading_of(hub, message)
    assert reading is not None
    assert reading.text == GERMAN


async def test_a_second_reader_sees_the_german_and_sends_the_translation(
    ana: Browser, browse: NewBrowser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    async with hub.db.transaction() as session:
        session.add(Setting(key=SECOND_READER, value={"topics": ["safety.violence"], "hours": 2}))
    await ana.get(path)
    assert (await ana.post(f"{path}/reply", seen(to))).status_code == 303
    assert await all_of(hub) == []
    boris = await browse("boris@example.org")
    page = html.unescape((await boris.get(path)).text)
    assert GERMAN in page
    assert ROMANIAN in page
    async with hub.db.transaction() as session:
        row = (await session.scalars(sa.select(PendingReply))).one()
        seq = (await session.get_one(Conversation, row.conversation_id)).last_seq
        await second_reader.release(
            hub, session, street.boris, street.urgent.id, row.id, text="Mai bine așa", seen_seq=seq
        )
    (message,) = await all_of(hub)
    assert message.text == "Mai bine așa"
    async with hub.db.transaction() as session:
        written = (await german_of(session, street.urgent.contact_id))[message.id]
    assert written == Written(GERMAN, "ro", ("de", "en", "ro"), 0, ROMANIAN)


async def test_the_guard_at_sending_holds_and_keeps_the_translation(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    old = f"{to.partition(':')[0]}:0"
    refused = await ana.post(f"{path}/reply", form(old), headers=HTMX)
    assert refused.status_code == 409
    assert "went on while you wrote" in refused.text
    assert f">{ROMANIAN}</textarea>" in html.unescape(refused.text)
    assert await all_of(hub) == []


async def test_two_previews_and_a_send_at_once(ana: Browser, hub: Hub, street: Street, toys: Path) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    one, two, sent = await asyncio.gather(
        ana.post(f"{path}/translate", {"text": "Chef"}, headers=HTMX),
        ana.post(f"{path}/translate", {"text": "Chef zahlt"}, headers=HTMX),
        ana.post(f"{path}/reply", form(to)),
    )
    assert (one.status_code, two.status_code, sent.status_code) == (200, 200, 303)
    assert [message.text for message in await all_of(hub)] == [ROMANIAN]


async def test_sent_again_it_keeps_its_german(ana: Browser, hub: Hub, street: Street, toys: Path) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    await ana.post(f"{path}/reply", seen(to))
    (message,) = await all_of(hub)
    async with hub.db.transaction() as session:
        (await session.get_one(Message, message.id)).status = "failed"
        again = await send_again(hub, session, street.ana, street.urgent.id, message.id)
    reading = await reading_of(hub, again)
    assert reading is not None
    assert (again.text, reading.text) == (ROMANIAN, GERMAN)


async def test_length_and_price_are_those_of_what_the_person_gets(ana: Browser, street: Street, toys: Path) -> None:
    path = f"/inbox/{street.urgent.id}"
    await ana.get(path)
    given = {"text": "Chef", "translate": "1", "translation": "x" * 33}
    assert "33 of 4096 characters" in (await ana.post(f"{path}/measure", given, headers=HTMX)).text
    assert "4 of 4096 characters" in (await ana.post(f"{path}/measure", {"text": "Chef"}, headers=HTMX)).text
