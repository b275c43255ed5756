"""The inbox's pages: lists, threads, what staff do, and what is refused."""

import html

import sqlalchemy as sa

from app.hub import Hub
from app.models import Case, CaseEvent, Message
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street


async def test_the_list_shows_urgent_cases_first_and_in_words(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.get("/inbox?view=all")).text
    assert page.index("Ruhige Amsel 17") < page.index("Silberne Möwe 88")
    assert "Urgent: violence" in page
    assert "100200301" not in page  # addresses stay masked


async def test_opens_with_my_cases_or_else_with_the_unassigned_ones(browse: NewBrowser, street: Street) -> None:
    ana, chris = await browse("ana@example.org"), await browse("chris@example.org")
    assert "Gelbe Lerche 42" in (await ana.get("/inbox")).text
    unassigned = (await chris.get("/inbox")).text
    assert "Silberne Möwe 88" in unassigned
    assert "Gelbe Lerche 42" not in unassigned


async def test_the_thread_shows_every_kind_of_line(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = html.unescape((await browser.get(f"/inbox/{street.wages.id}")).text)
    for words in (
        "dobar den, shefat ne mi plati",
        "Wages not paid · version 3",
        "Искам човек",
        "Note by Ana Petrova",
        "We do not know whether this arrived",
        "The provider is out of order.",
        "51.2012, 11.9686",
        "Arbeitsvertrag März 2026.pdf",
        "edited",
        "дговор",
        "Case opened: asked for a person",
        "Taken: Ana Petrova",
    ):
        assert words in page, words
    assert 'lang="bg"' in page


async def test_what_people_write_is_never_markup(hub: Hub, browse: NewBrowser, street: Street) -> None:
    evil = "<script>alert(1)</script>\nsecond line & more"
    async with hub.db.transaction() as session:
        message = await session.scalar(sa.select(Message).where(Message.text.like("Да, ще дойда%")))
        assert message is not None
        message.text = evil
    browser = await browse("ana@example.org")
    for path in (f"/inbox/{street.wages.id}", "/inbox"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_htmx_gets_the_part_and_browsers_the_page(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    for path, mark in (("/inbox?view=all", 'id="case-list"'), (f"/inbox/{street.wages.id}", 'id="case-live"')):
        part = await browser.http.get(path, headers=HTMX)
        assert part.text.lstrip().startswith("<")
        assert "<html" not in part.text
        assert mark in part.text
        assert "<html" in (await browser.get(path)).text


async def test_take_reply_and_close_work_as_plain_forms(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}"
    conversation = street.urgent.conversation_id
    assert (await browser.post(f"{path}/take")).headers["location"] == path
    sent = await browser.post(f"{path}/reply", {"to": f"{conversation}:2", "text": "Sunt aici."})
    assert sent.headers["location"] == path
    page = (await browser.get(path)).text
    assert "Sunt aici." in page
    assert "queued" in page
    assert (await browser.post(f"{path}/note", {"text": "called the shelter"})).headers["location"] == path
    assert (await browser.post(f"{path}/close", {"outcome": "solved"})).headers["location"] == path
    assert "This case is closed." in (await browser.get(path)).text
    async with hub.db.transaction() as session:
        case = await session.get_one(Case, street.urgent.id)
        assert (case.status, case.assignee_id) == ("closed", street.ana.id)
        kinds = (await session.scalars(sa.select(CaseEvent.kind).where(CaseEvent.case_id == case.id))).all()
    assert kinds[-3:] == ["taken", "note", "closed"]


async def test_a_reply_to_half_a_conversation_is_held_back_with_its_text(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}/reply"
    draft = {"to": f"{street.urgent.conversation_id}:1", "text": "My careful draft"}
    whole = await browser.post(path, draft)
    part = await browser.post(path, draft, headers={"hx-request": "true"})
    for answer in (whole, part):
        assert answer.status_code == 409
        assert "The conversation went on while you wrote." in answer.text
        assert "My careful draft</textarea>" in answer.text
        assert "sunați la 110" in answer.text.split("draft-news")[1]
        assert f'value="{street.urgent.conversation_id}:2"' in answer.text  # sending again is now informed
    assert "<html" in whole.text
    assert "<html" not in part.text
    again = await browser.post(path, draft | {"to": f"{street.urgent.conversation_id}:2"})
    assert again.status_code == 303


async def test_an_empty_reply_and_a_strange_file_are_refused_in_words(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}/reply"
    to = {"to": f"{street.urgent.conversation_id}:2"}
    assert "Write something first." in (await browser.post(path, to | {"text": " "})).text
    program = {"files": ("run.exe", b"MZ", "application/x-msdownload")}
    answer = await browser.post(path, to | {"text": "see file"}, files=program)
    assert answer.status_code == 422
    assert "This kind of file can&#39;t be sent" in answer.text
    picture = {"files": ("map.png", b"\x89PNG", "image/png")}
    assert (await browser.post(path, to | {"text": "see file"}, files=picture)).status_code == 303


async def test_two_colleagues_cannot_take_the_same_case(browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    path = f"/inbox/{street.urgent.id}/take"
    assert (await ana.post(path)).status_code == 303
    refused = await boris.post(path, headers={"hx-request": "true"})
    assert refused.status_code == 409
    assert refused.headers["hx-retarget"] == "#notice"
    assert "Ana Petrova has already taken this case." in refused.text


async def test_a_person_with_two_channels_is_answered_where_the_writer_chose(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.get(f"/inbox/{street.two_ways.id}")).text
    assert page.split('class="ways"')[1].count('type="radio"') == 2
    async with hub.db.transaction() as session:
        first = await session.scalar(sa.select(Message).where(Message.text.like("Доброго дня!%")))
        assert first is not None
    sent = await browser.post(f"/inbox/{street.two_ways.id}/reply", {"to": f"{first.conversation_id}:2", "text": "Так"})
    assert sent.status_code == 303
    async with hub.db.transaction() as session:
        reply = await session.scalar(sa.select(Message).where(Message.text == "Так"))
    assert reply is not None
    assert reply.conversation_id == first.conversation_id


async def test_unknown_cases_and_lists_are_told_so(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    assert (await browser.get("/inbox/999999")).status_code == 404
    assert "There is no such case." in (await browser.get("/inbox/999999")).text
    assert (await browser.get("/inbox?view=nonsense")).status_code == 422
    assert (await browser.get("/inbox?before=nonsense")).status_code == 422
    assert (await browser.get("/inbox/abc")).status_code == 422
    assert (await browser.post(f"/inbox/{street.urgent.id}/reply", {"to": "x", "text": "y"})).status_code == 404


async def test_pages_speak_the_readers_language(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    await browser.post("/account/language", {"language": "de"})
    page = (await browser.get("/inbox?view=all")).text
    assert 'lang="de"' in page
    assert "Dringend: Gewalt" in page
    assert "Posteingang" in page
    assert (await browser.post("/account/language", {"language": "xx"})).status_code == 422
