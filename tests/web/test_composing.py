"""What one writes with: texts to insert, places that stand empty, length and price, quotes; through the pages."""

import html
from datetime import timedelta

import sqlalchemy as sa

from app.channels_admin import add_channel
from app.hub import Hub
from app.models import Draft, Message
from tests.web.cast import meet, open_case
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street

ACCOUNT = {"account_sid": "AC" + "0" * 32, "auth_token": "x"}


async def newest(hub: Hub, conversation_id: int) -> Message:
    async with hub.db.transaction() as session:
        query = sa.select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq.desc())
        found = await session.scalar(query.limit(1))
    assert found is not None
    return found


async def test_the_picker_offers_the_persons_language_with_the_german_beside(
    browse: NewBrowser, street: Street
) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}/insert"
    page = html.unescape((await browser.post(path, {"q": "foto"}, headers=HTMX)).text)
    assert "Моля, изпратете ми снимка на писмото." in page
    assert "Bitte schicken Sie mir ein Foto vom Brief." in page
    assert "draft" in page
    for words in ("snimka", "снимка", "scrisoarea", "brief-foto"):  # any language, any script, the shortcut
        found = html.unescape((await browser.post(path, {"q": words}, headers=HTMX)).text)
        assert "Foto vom Brief, alle Seiten" in found, words
    page = html.unescape((await browser.post(path, {"q": "ich bin"}, headers=HTMX)).text)
    assert "Казвам се Ana Petrova. Работя в екипа в Вайсенфелс." in page
    assert "Nothing found." in (await browser.post(path, {"q": "wurstbrot"}, headers=HTMX)).text


async def test_a_language_without_words_falls_back_to_german_and_says_so(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    boris = await browse("boris@example.org")
    await boris.post(
        "/admin/replies/new",
        {"shortcut": "nur", "title": "Nur hier", "text_de": "Nur auf Deutsch da.", "category": "other"},
    )
    page = html.unescape((await boris.post(f"/inbox/{street.wages.id}/insert", {"q": "nur"}, headers=HTMX)).text)
    assert "only in German" in page
    assert 'data-text="Nur auf Deutsch da."' in page


async def test_an_entry_that_was_inserted_is_noted_on_the_message(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    wanted = {"q": "kita", "language": "ro"}
    page = html.unescape((await browser.post(f"/inbox/{street.urgent.id}/insert", wanted, headers=HTMX)).text)
    said = hub.shelf.library.say("education.kita_place", "ro", "weissenfels", hub.today)
    words = "\n\n".join(said.messages)
    assert words in page
    assert (
        "Jobcenter Burgenlandkreis"
        in (await browser.post(f"/inbox/{street.urgent.id}/insert", {"q": "jobcenter"}, headers=HTMX)).text
    )
    text = "Bună ziua!\n\n" + words
    form = {"to": f"{street.urgent.conversation_id}:2", "text": text.replace("\n", "\r\n")}  # as browsers send it
    assert (await browser.post(f"/inbox/{street.urgent.id}/reply", form)).status_code == 303
    message = await newest(hub, street.urgent.conversation_id)
    assert message.payload["answers"] == [{"topic": "education.kita_place", "version": said.version, "language": "ro"}]
    assert "version 1" in (await browser.get(f"/inbox/{street.urgent.id}")).text


async def test_words_of_ones_own_are_no_entry(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    said = hub.shelf.library.say("education.kita_place", "ro", "weissenfels", hub.today)
    changed = "\n\n".join(said.messages).replace(" ", "  ", 1)
    form = {"to": f"{street.urgent.conversation_id}:2", "text": changed}
    await browser.post(f"/inbox/{street.urgent.id}/reply", form)
    assert "answers" not in (await newest(hub, street.urgent.conversation_id)).payload


async def test_what_stands_empty_is_sent_only_by_a_second_press(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}/reply"
    form = {"to": f"{street.urgent.conversation_id}:2", "text": "Termin: {date} um {time}"}
    refused = await browser.post(path, form, headers=HTMX)
    page = html.unescape(refused.text)
    assert refused.status_code == 422
    assert "Something still stands empty" in page
    assert "Termin: {date} um {time}</textarea>" in page
    assert 'name="open" value="{date}"' in page
    other = await browser.post(path, form | {"text": "{phone} {date}", "open": ["{date}", "{time}"]}, headers=HTMX)
    assert other.status_code == 422  # something else stands empty now
    assert (await browser.post(path, form | {"open": ["{date}", "{time}"]}, headers=HTMX)).status_code == 200
    assert (await newest(hub, street.urgent.conversation_id)).text == "Termin: {date} um {time}"


async def test_length_and_price_are_what_the_outbox_makes_of_it(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        options = {"from": "+4915100000000", "cents_per_segment": "7.5"}
        sms = await add_channel(session, hub.vault, "sms", "sms", secret_values=ACCOUNT, options=options)
        talk = await meet(hub, session, sms, "Rote Ente 1", "+4915111111111", at=hub.now(), language="bg")
        await talk.says("Здравейте")
        case = await open_case(talk, "asked")
    await hub.registry.load()
    browser = await browse("ana@example.org")
    path = f"/inbox/{case.id}"
    measured = await browser.post(f"{path}/measure", {"text": "я" * 71}, headers=HTMX)
    page = html.unescape(measured.text)
    assert "71 of 1600 characters" in page
    assert "2 SMS (letters beyond the SMS alphabet cost more)" in page
    assert "€0.15" in page
    assert "Still empty: <code>{date}</code>" in (await browser.post(f"{path}/measure", {"text": "{date}"})).text
    await browser.post(f"{path}/reply", {"to": f"{talk.conversation.id}:1", "text": "я" * 71})
    assert (await newest(hub, talk.conversation.id)).payload["sms"] == {
        "segments": 2, "encoding": "UCS-2", "cents": 15.0,
    }  # fmt: skip
    long = await browser.post(f"/inbox/{street.urgent.id}/measure", {"text": "word " * 1000})
    assert "sent as 2 messages" in long.text


async def test_the_window_tells_the_truth(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        options = {"from": "+4915100000000"}
        channel = await add_channel(session, hub.vault, "whatsapp-twilio", "wa", secret_values=ACCOUNT, options=options)
        talk = await meet(hub, session, channel, "Rote Ente 1", "+4915111111111", at=hub.now(), language="bg")
        await talk.says("Здравейте")
        talk.conversation.heard_at = hub.now() - timedelta(hours=21)
        case = await open_case(talk, "asked")
    await hub.registry.load()
    browser = await browse("ana@example.org")
    assert "WhatsApp window closes in 3 hr" in (await browser.get(f"/inbox/{case.id}")).text
    async with hub.db.transaction() as session:
        conversation = await session.get_one(type(talk.conversation), talk.conversation.id)
        conversation.heard_at = hub.now() - timedelta(hours=25)
    page = (await browser.get(f"/inbox/{case.id}")).text
    assert "The WhatsApp window is closed" in page
    assert "No template is approved yet" in page


async def test_a_reply_quotes_a_message_of_the_same_conversation(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    async with hub.db.transaction() as session:
        oldest = sa.select(Message.conversation_id, sa.func.min(Message.id)).group_by(Message.conversation_id)
        ids = {row[0]: row[1] for row in await session.execute(oldest)}
        first = await session.get_one(Message, ids[street.urgent.conversation_id])
    path = f"/inbox/{street.urgent.id}"
    assert f'data-quote="{first.id}"' in (await browser.get(path)).text
    form = {"to": f"{street.urgent.conversation_id}:2", "text": "Da"}
    wrong = await browser.post(f"{path}/reply", form | {"quote": str(ids[street.wages.conversation_id])})
    assert wrong.status_code == 422
    assert (await browser.post(f"{path}/reply", form | {"quote": str(first.id)})).status_code == 303
    assert (await newest(hub, street.urgent.conversation_id)).reply_to == first.external_id


async def test_a_kept_draft_is_measured_on_the_page(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        session.add(Draft(user_id=street.ana.id, case_id=street.urgent.id, kind="reply", text="Termin am {date}"))
    browser = await browse("ana@example.org")
    page = (await browser.get(f"/inbox/{street.urgent.id}")).text
    assert "16 of 4096 characters" in page
    assert "<code>{date}</code>" in page
