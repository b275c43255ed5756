"""The entry editor's pages: what is written is kept, whoever else saves meanwhile; the chat is what would be said."""

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from app.editor import drafts
from app.hub import Hub
from app.models import ContentDraft, Gap, Message
from app.publishing import publish_version
from tests.sounds import tone
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.street import Street

TOPIC = "work.wage_unpaid"
PAGE = f"/editor/entries/{TOPIC}"
WORDS = "Im ganzen Land gilt das."
FIELD = re.compile(
    r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"[^>]*>|<textarea[^>]*?name="([^"]+)"[^>]*>([^<]*)</textarea>'
)
SELECT = re.compile(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.S)
CHOSEN = re.compile(r'<option\s+value="([^"]*)"\s+selected')


def fields(html: str) -> dict[str, list[str]]:
    """What a browser would send with the entry's form."""
    form = html[html.index('id="entry"') :].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for each in FIELD.finditer(form):
        if ('type="radio"' in each[0] or 'type="checkbox"' in each[0]) and "checked" not in each[0]:
            continue
        name, value = (each[1], each[2]) if each[1] else (each[3], each[4])
        found.setdefault(name, []).append(unescape(value))
    for name, options in SELECT.findall(form):
        found.setdefault(name, []).append(unescape(next(iter(CHOSEN.findall(options)), "")))
    return found


async def opened(browser: Browser, path: str = PAGE) -> dict[str, list[str]]:
    answer = await browser.get(path)
    assert answer.status_code == 200
    return fields(answer.text)


async def data_of(hub: Hub, topic: str = TOPIC) -> dict[str, Any]:
    async with hub.db.transaction() as session:
        return (await drafts.open_piece(session, "entry", topic)).data


async def test_saving_an_unchanged_form_changes_nothing(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    form = await opened(boris)
    assert (await boris.post(PAGE, form | {"do": "save"})).status_code == 303
    async with hub.db.transaction() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(ContentDraft)) == 0


async def test_list_finds_words_in_any_spelling_and_shows_what_lacks(
    browse: NewBrowser, street: Street, hub: Hub
) -> None:
    async with hub.db.transaction() as session:
        data = (await drafts.open_piece(session, "entry", TOPIC)).data
        answers = {code: words for code, words in data["answers"].items() if code != "ro"}
        await publish_version(session, "entry", TOPIC, {**data, "answers": answers}, origin="hub")
    boris = await browse("boris@example.org")
    assert "Romanian: missing" in (await boris.get("/editor/entries")).text
    found = await boris.post("/editor/entries", {"q": "Ausgleichsquittung заплата"})
    assert PAGE in found.text
    assert "/editor/entries/housing.find_flat" not in found.text


async def test_a_stale_save_keeps_what_was_written(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris, chris = await browse("boris@example.org"), await browse("chris@example.org")
    hers, his = await opened(boris), await opened(chris)
    assert (await chris.post(PAGE, his | {"question_de": "Wo bleibt mein Lohn?", "do": "save"})).status_code == 303
    mine = hers | {"label_de": "Kein Lohn", "gaps": "Frage A\r\nFrage B", "do": "save"}
    refused = await boris.post(PAGE, mine)
    assert refused.status_code == 409
    assert "bleibt" in refused.text
    assert 'value="Kein Lohn"' in refused.text
    again = fields(refused.text) | {"do": "save"}
    assert (await boris.post(PAGE, again)).status_code == 409  # only the button that says so takes mine over theirs
    theirs = re.search(r'name="seen"\s+value="(\d+)">', refused.text[refused.text.index("Take mine") - 200 :])
    assert theirs
    again["seen"] = [*again["seen"], theirs[1]]
    assert (await boris.post(PAGE, again)).status_code == 303
    data = await data_of(hub)
    assert data["answers"]["de"]["label"] == "Kein Lohn"
    assert data["gaps"] == ["Frage A", "Frage B"]


async def test_messages_move_and_go(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    before = (await data_of(hub))["answers"]["de"]["messages"]
    await boris.post(PAGE, await opened(boris) | {"do": "move=de:0:1"})
    assert (await data_of(hub))["answers"]["de"]["messages"] == [before[1], before[0], *before[2:]]
    await boris.post(PAGE, await opened(boris) | {"do": "move=de:0:0"})
    assert (await data_of(hub))["answers"]["de"]["messages"] == [before[0], *before[2:]]
    form = await opened(boris)
    await boris.post(f"{PAGE}/step", {"seen": form["seen"][0], "do": "undo"})
    assert (await data_of(hub))["answers"]["de"]["messages"] == [before[1], before[0], *before[2:]]


async def test_a_place_says_what_it_inherits_until_it_has_words(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    await boris.post(
        PAGE,
        await opened(boris, f"{PAGE}?place=sachsen-anhalt") | {"here_de": [WORDS], "do": "save"},
    )
    page = await boris.get(f"{PAGE}?place=weissenfels")
    assert "Im ganzen Land gilt das." in page.text
    form = fields(page.text) | {
        "here_de": ["Nur hier.", "Und das."],
        "here_how_de": "instead",
        "do": "place",
        "go_place": "",
    }
    assert (await boris.post(PAGE, form)).status_code == 303
    places = (await data_of(hub))["places"]
    assert places["sachsen-anhalt"]["de"] == {"local": "Im ganzen Land gilt das."}
    assert places["weissenfels"]["de"] == {"messages": ["Nur hier.", "Und das."]}


async def test_a_short_form_for_a_place_without_its_text_is_kept_and_told(
    browse: NewBrowser, street: Street, hub: Hub
) -> None:
    boris = await browse("boris@example.org")
    form = await opened(boris, f"{PAGE}?place=weissenfels")
    await boris.post(PAGE, form | {"do": "save", "here_sms_de": "Weißenfels: Saalstr. 1"})
    assert (await data_of(hub))["places"]["weissenfels"]["de"] == {"sms": "Weißenfels: Saalstr. 1"}
    again = await opened(boris, f"{PAGE}?place=weissenfels")
    assert again["here_sms_de"] == ["Weißenfels: Saalstr. 1"]


async def test_a_number_tested_today(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    await boris.post(PAGE, await opened(boris) | {"do": "tested=1"})
    phones = (await data_of(hub))["phones"]
    assert [bool(phone.get("tested_on")) for phone in phones] == [False, True, False]
    assert (await boris.post(PAGE, await opened(boris) | {"do": "tested=9"})).status_code == 422


@pytest.mark.parametrize(
    ("look", "shows"), [("telegram", "mock-key"), ("whatsapp", "look-whatsapp"), ("sms", "SMS · UCS-2")]
)
async def test_preview_says_what_would_be_said(browse: NewBrowser, street: Street, look: str, shows: str) -> None:
    boris = await browse("boris@example.org")
    form = await opened(boris, "/editor/entries/work.minimum_wage")
    given = form | {"message_bg": ["Часът струва {minimum_wage}.", ""], "sms_bg": "Час: {minimum_wage}"}
    given |= {"p_look": look, "p_language": "bg", "p_on": "2027-03-01"}
    answer = await boris.post("/editor/entries/work.minimum_wage/preview", given, headers=HTMX)
    assert "14,60" in answer.text
    assert shows in answer.text
    assert 'id="hints-bg"' in answer.text
    later = await boris.post("/editor/entries/work.minimum_wage/preview", given | {"p_on": "2031-01-01"}, headers=HTMX)
    assert "a figure in it has no value then" in later.text


async def test_without_scripts_the_preview_is_the_whole_page(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    given = await opened(boris) | {"label_de": "x" * 30, "p_language": "de"}
    page = await boris.post(f"{PAGE}/preview", given)
    assert "It can't be said like this yet" in page.text
    assert f'value="{"x" * 30}"' in page.text
    assert (await data_of(hub))["answers"]["de"]["label"] != "x" * 30


async def test_a_new_answer_from_a_question_that_got_none(browse: NewBrowser, street: Street, hub: Hub) -> None:
    async with hub.db.transaction() as session:
        message = await session.scalar(sa.select(Message).where(Message.direction == "in", Message.text.is_not(None)))
        assert message
        gap = Gap(message_id=message.id, language="bg", guess=None)
        session.add(gap)
    boris = await browse("boris@example.org")
    page = await boris.get(f"/editor/entries/new?gap={gap.id}")
    assert f">{message.text}</blockquote>" in unescape(page.text), "words as they are, no lines around them"
    new = {"area": "everyday", "label": "Fahrrad weg", "question": "Mein Fahrrad ist weg", "gap": gap.id, "dealt": "1"}
    answer = await boris.post("/editor/entries/new", new)
    assert answer.headers["location"] == f"/editor/entries/everyday.fahrrad_weg?gap={gap.id}"
    topic = "everyday.fahrrad_weg"
    page = await boris.get(answer.headers["location"])
    assert f"/editor/gaps?gap={gap.id}&take={topic}#gap-{gap.id}" in unescape(page.text)
    assert (await boris.get(f"/editor/examples/{topic}")).status_code == 200, "while the answer is a draft"
    assert (await boris.get("/editor/examples/everyday.nothing_here")).status_code == 404
    async with hub.db.transaction() as session:
        assert (await session.get_one(Gap, gap.id)).closed_at is not None
    assert (await boris.post("/editor/entries/new", new)).status_code == 409
    assert (await boris.post("/editor/entries/new", new | {"area": "no"})).status_code == 422


async def test_only_coordinators_and_admins_edit(browse: NewBrowser, street: Street) -> None:
    ana = await browse("ana@example.org")
    assert (await ana.get(PAGE)).status_code == 403
    assert (await ana.post(PAGE, {"do": "save"})).status_code == 403


async def test_a_recording_is_kept_and_heard(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    await opened(boris)
    files = {"file": ("voice.mp3", tone("mp3"), "audio/mpeg")}
    answer = await boris.post(f"{PAGE}/audio", {"seen": "0", "language": "bg"}, files=files, headers=HTMX)
    assert "sent" in answer.headers["hx-trigger"]
    assert 'id="entry-seen"' in answer.text
    found = re.search(r'src="(/editor/sounds/[^"]+)"', answer.text)
    assert found
    assert (await boris.get(found[1])).headers["content-type"] == "audio/ogg"
    late = await boris.post(f"{PAGE}/audio", {"seen": "0", "language": "ro"}, files=files, headers=HTMX)
    assert 'role="alert"' in late.text
    assert 'id="entry-seen"' not in late.text
    assert (await boris.post(f"{PAGE}/audio", {"seen": "1", "language": "ro"})).status_code == 422
    assert (await boris.post(f"{PAGE}/audio", {"seen": "1", "do": "remove=bg"})).status_code == 303
    assert (await data_of(hub)).get("audio") == {}


async def test_a_machine_that_is_not_there_says_so_and_what_was_written_is_saved(
    browse: NewBrowser, street: Street, hub: Hub
) -> None:
    boris = await browse("boris@example.org")
    form = await opened(boris)
    empty = {name: "" for name in form if name.endswith("_ro")}
    answer = await boris.post(PAGE, form | empty | {"label_de": "Kein Lohn", "do": "machine=ro"})
    assert answer.status_code == 422
    assert "No translation packages" in answer.text
    data = await data_of(hub)
    assert "ro" not in data["answers"]
    assert data["answers"]["de"]["label"] == "Kein Lohn"
    assert (await boris.post(PAGE, fields(answer.text) | {"do": "save"})).status_code == 303
