"""The flow editor as forms: every step of every flow opens; changed, connected, broken, told why, undone; two at once."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import httpx

from app.editor.differences import differences
from app.editor.drafts import open_piece
from app.editor.policy import EDITOR
from app.hub import Hub
from app.models import Setting
from flows.dialogue.exits import KINDS
from tests.web.conftest import HTML, Browser, NewBrowser
from tests.web.street import Street

ARRIVAL = "/editor/flows/arrival"
LANGUAGES = ("bg", "ro", "uk", "de", "en")
SEEN = re.compile(r'name="seen"\s+value="([^"]+)"')


async def seen(browser: Browser, path: str = ARRIVAL) -> str:
    return str(SEEN.findall((await browser.get(path)).text)[0])


async def do(browser: Browser, op: str, **fields: str) -> str:
    """The page that follows."""
    answer = await browser.post(f"{ARRIVAL}/do", {"seen": await seen(browser), "op": op, **fields})
    assert answer.status_code == 303, answer.text
    return html.unescape((await browser.get(answer.headers["location"])).text)


async def data(hub: Hub, slug: str = "arrival") -> dict[str, Any]:
    async with hub.db.transaction() as session:
        return (await open_piece(session, "flow", slug)).data


async def four_eyes_off(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=EDITOR, value={"four_eyes": False}))


class FormReader(HTMLParser):
    """The fields of a step's form as a browser would send them, untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.inside = False
        self.choosing = self.writing = ""
        self.several = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = "data-node-form" in given
        name = given.get("name", "") if self.inside else ""
        if tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self.writing = name
            self.fields.setdefault(name, []).append("")
        elif tag == "select" and name:
            self.choosing, self.several, self.first = name, "multiple" in given, True
        elif tag == "option" and self.choosing:
            values = self.fields.setdefault(self.choosing, [])
            if self.first and not self.several:
                values.append(given["value"])
            elif "selected" in given:
                values[-1:] = [given["value"]] if not self.several else [*values[-1:], given["value"]]
            self.first = False

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "form"):
            self.choosing = ""
        if tag == "textarea":
            self.writing = ""

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.fields[self.writing][-1] += data


def form_of(page: str) -> dict[str, list[str]]:
    reader = FormReader()
    reader.feed(page)
    return {name: values for name, values in reader.fields.items() if values}


async def test_a_step_of_every_kind_opens_and_saving_it_as_it_is_changes_nothing(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    page = html.unescape((await browser.get("/editor/flows")).text)
    kinds: dict[str, tuple[str, str]] = {}
    for slug, (_, flow) in hub.shelf.library.flows.items():
        assert f'href="/editor/flows/{slug}"' in page
        for name, node in flow.nodes.items():
            kinds[node.kind] = (slug, name)
    assert kinds.keys() == set(KINDS) - {"answer"}
    for slug, name in kinds.values():
        shown = await browser.get(f"/editor/flows/{slug}?node={name}")
        answer = await browser.post(f"/editor/flows/{slug}/nodes/{name}", form_of(shown.text))
        assert answer.status_code == 303, html.unescape(answer.text)
        async with hub.db.transaction() as session:
            piece = await open_piece(session, "flow", slug)
        assert piece.live is not None
        assert differences(piece.live.data, piece.data) == []


async def test_a_question_is_added_between_two_steps_and_its_words_are_kept(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    page = await do(browser, "add", kind="choose", after="hello|next")
    assert "Saved in the draft." in page
    form = form_of(page)
    assert form["label_0_ro"] == ["Da"]  # it begins with yes and no, which both lead on
    words = {f"text_{code}": "Coffee?" for code in ("bg", "ro", "uk", "de", "en")}
    answer = await browser.post(f"{ARRIVAL}/nodes/choose", form | words | {"to_1": "+say", "notes": "Ask Ana"})
    assert answer.headers["location"].startswith(f"{ARRIVAL}?node=say&")
    nodes = (await data(hub))["nodes"]
    assert nodes["hello"]["next"] == "choose"
    assert [option["next"] for option in nodes["choose"]["options"]] == ["where", "say"]
    assert (nodes["say"]["next"], nodes["choose"]["notes"]) == ("where", "Ask Ana")
    page = html.unescape((await browser.get(f"{ARRIVAL}?node=say")).text)
    assert "has no words in this language (text) (Romanian)" in page
    assert "Ask Ana" in page  # stands in the picture


async def test_a_broken_flow_says_where_and_is_repaired_by_undo(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("boris@example.org")
    page = await do(browser, "delete", node="registered")
    assert "2 errors must be mended" in page
    assert page.count("→ leads nowhere yet") == 2
    assert f'href="{ARRIVAL}?node=has_work#panel"' in page
    answer = await browser.post(f"{ARRIVAL}/step", {"seen": await seen(browser), "op": "undo"})
    page = (await browser.get(answer.headers["location"])).text
    assert "must be mended" not in page
    assert "registered" in (await data(hub))["nodes"]


async def test_lines_are_added_moved_and_removed_with_what_was_written(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")

    async def pressed(do: str, **fields: str) -> list[dict[str, Any]]:
        form = form_of((await browser.get(f"{ARRIVAL}?node=papers")).text)
        answer = await browser.post(f"{ARRIVAL}/nodes/papers", form | fields | {"do": do})
        assert answer.status_code == 303, html.unescape(answer.text)
        return list((await data(hub))["nodes"]["papers"]["options"])

    more = await pressed("more_0", text_de="Woher?")
    assert [each["value"] for each in more] == ["eu", "ukraine", "other", "new_1"]
    assert (await data(hub))["nodes"]["papers"]["text"]["de"] == "Woher?"
    assert [each["value"] for each in await pressed("up_1")] == ["ukraine", "eu", "other", "new_1"]
    assert len(await pressed("remove_3")) == 3
    await pressed(
        "", to_0="topic:work.minimum_wage", test_1_0_of="child_ages", test_1_0_how="at_most", test_1_0_value="5"
    )
    first, second, _ = (await data(hub))["nodes"]["papers"]["options"]
    assert (first["topic"], first.get("next")) == ("work.minimum_wage", None)
    assert second["when"] == {"field": "child_ages", "at_most": 5}


async def test_what_can_not_be_read_is_said_and_what_was_written_stays(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    form = form_of((await browser.get(f"{ARRIVAL}?node=order")).text)
    for wrong, words in (
        ({"test_0_0_of": "work_kind", "test_0_0_value": "Kohle"}, "“Kohle” is no value of work_kind."),
        ({"test_0_0_of": "child_ages", "test_0_0_how": "at_most", "test_0_0_value": "five"}, "Write a whole number"),
        ({"test_0_1_of": "work_kind", "test_0_1_how": "known"}, "One condition can test one thing"),
        ({"seen": "soon"}, "This page is too old."),
    ):
        answer = await browser.post(f"{ARRIVAL}/nodes/order", form | wrong | {"notes": "Not lost"})
        assert answer.status_code == 422
        page = html.unescape(answer.text)
        assert words in page
        assert ">Not lost</textarea>" in page
    named = await browser.post(
        f"{ARRIVAL}/nodes/order", form | {"test_0_0_of": "work_kind", "test_0_0_value": "fleisch"}
    )
    assert named.status_code == 303
    assert (await data(hub))["nodes"]["order"]["cases"][0]["when"] == {"field": "work_kind", "equals": "meat"}


async def test_two_who_change_different_steps_put_both_together(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris, other = await browse("boris@example.org"), await browse("chris@example.org")
    mine = form_of((await boris.get(f"{ARRIVAL}?node=hello")).text)
    theirs = form_of((await other.get(f"{ARRIVAL}?node=job")).text)
    assert (await other.post(f"{ARRIVAL}/nodes/job", theirs | {"text_de": "Arbeiten Sie?"})).status_code == 303
    refused = await boris.post(f"{ARRIVAL}/nodes/hello", mine | {"text_de": "Hallo!"})
    assert refused.status_code == 409
    page = html.unescape(refused.text)
    assert "Changed by both" not in page
    assert "Chris Admin has changed this meanwhile." in page
    assert "Arbeiten" in page
    again = dict(re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', page)) | {"csrf": boris.csrf}
    done = await boris.post(f"{ARRIVAL}/nodes/hello", {name: html.unescape(value) for name, value in again.items()})
    assert done.status_code == 303
    nodes = (await data(hub))["nodes"]
    assert (nodes["hello"]["text"]["de"], nodes["job"]["text"]["de"]) == ("Hallo!", "Arbeiten Sie?")
    assert nodes["hello"]["text"]["ro"] == mine["text_ro"][0].replace("\r\n", "\n")


async def test_where_both_changed_the_same_words_somebody_decides(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris, other = await browse("boris@example.org"), await browse("chris@example.org")
    form = form_of((await boris.get(f"{ARRIVAL}?node=hello")).text)
    await other.get(ARRIVAL)
    first = await other.post(f"{ARRIVAL}/nodes/hello", form | {"csrf": other.csrf, "text_de": "Guten Tag!"})
    assert first.status_code == 303
    written = form | {"text_de": "Hallo!", "text_ro": "Salut!"}
    refused = await boris.post(f"{ARRIVAL}/nodes/hello", written)
    assert "Changed by both" in refused.text
    anew = {"seen": SEEN.findall(refused.text)[0], "base": form["seen"][0]}
    assert (await boris.post(f"{ARRIVAL}/nodes/hello", written | anew)).status_code == 409  # nobody has decided
    await boris.post(f"{ARRIVAL}/nodes/hello", written | anew | {"prefer": "theirs"})
    text = (await data(hub))["nodes"]["hello"]["text"]
    assert (text["de"], text["ro"]) == ("Guten Tag!", "Salut!")


async def test_undo_never_takes_back_what_a_colleague_did_meanwhile(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    await do(browser, "rename", node="hello", name="greeting")
    old = await seen(browser)
    await do(browser, "rename", node="where", name="town")
    answer = await browser.post(f"{ARRIVAL}/step", {"seen": old, "op": "undo"})
    page = (await browser.get(answer.headers["location"])).text
    assert "has changed this meanwhile. Look at it, then try again." in page
    assert "town" in (await data(hub))["nodes"]


async def test_a_new_flow_begins_with_a_way_to_a_human_and_settings_are_its_own(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    await browser.get("/editor/flows")
    for slug, label, status in (
        ("arrival", "X", 409), ("Nein!", "X", 422), ("coffee", " ", 422), ("coffee", "Kaffee", 303), ("coffee", "X", 409),
    ):  # fmt: skip
        answer = await browser.post("/editor/flows", {"slug": slug, "label": label})
        assert answer.status_code == status
    page = html.unescape((await browser.get("/editor/flows/coffee")).text)
    assert "has no words in this language (label) (Romanian)" in page
    settings = (await browser.get("/editor/flows/coffee/settings")).text
    fields = {
        "seen": SEEN.findall(settings)[0], "label_de": "Kaffee", "label_ro": "Cafea", "start": "hello", "discreet": "1",
        "topics": ["work.minimum_wage", ""], "words_ro": "cafea\r\nvreau cafea\r\n", "sources": "§ 1", "notes": "",
    }  # fmt: skip
    assert (await browser.post("/editor/flows/coffee/settings", fields)).status_code == 303
    flow = await data(hub, "coffee")
    assert flow["label"] == {"de": "Kaffee", "ro": "Cafea"}
    assert (flow["words"], flow["topics"]) == ({"ro": ["cafea", "vreau cafea"]}, ["work.minimum_wage"])
    assert (flow["discreet"], flow["remind"], flow["nodes"]["human"]["kind"]) == (True, False, "hand_over")


async def test_texts_go_out_to_translators_and_come_back_into_the_draft(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    table = (await browser.get(f"{ARRIVAL}/texts")).text
    assert "Unde locuiți acum?" in table
    out = (await browser.get(f"{ARRIVAL}/texts.csv")).text

    async def brought(name: str, content: str) -> httpx.Response:
        form = {"csrf": browser.csrf, "seen": await seen(browser)}
        files = {"file": (name, content.encode())}
        return await browser.http.post(f"{ARRIVAL}/texts", data=form, files=files, headers=HTML)

    assert (await brought("same.csv", out)).status_code == 303
    async with hub.db.transaction() as session:
        assert (await open_piece(session, "flow", "arrival")).draft is None  # nothing was changed
    assert (await brought("new.csv", out.replace("Unde locuiți acum?", "Unde stați acum?"))).status_code == 303
    po = (await browser.get(f"{ARRIVAL}/texts.ro.po")).text
    assert "#, fuzzy" in po  # nobody of the town has approved the words
    assert (await brought("new.po", po.replace("Aveți deja de lucru aici?", "Lucrați aici?"))).status_code == 303
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "flow", "arrival")
    nodes = piece.data["nodes"]
    assert (nodes["where"]["text"]["ro"], nodes["job"]["text"]["ro"]) == ("Unde stați acum?", "Lucrați aici?")
    assert piece.changed == {"ro"}
    assert piece.draft is not None
    assert piece.draft.marks == {"machine": ["ro"]}  # the PO said that it was unsure
    older = out.replace("Unde locuiți acum?", "Unde dormiți acum?").replace(
        "Aveți deja de lucru aici?", "Aveți de lucru?"
    )
    asked = await brought("older.csv", older)  # the draft has newer words for both
    assert (asked.status_code, asked.text.count("<fieldset")) == (422, 2)
    both = {"choose nodes.where.text/ro": "mine", "choose nodes.job.text/ro": "theirs"}
    chosen = {"seen": await seen(browser), "content": older} | both
    assert (await browser.post(f"{ARRIVAL}/texts", chosen)).status_code == 303
    nodes = (await data(hub))["nodes"]
    assert (nodes["where"]["text"]["ro"], nodes["job"]["text"]["ro"]) == ("Unde dormiți acum?", "Lucrați aici?")
    po = po.replace("Unde stați acum?", "Unde stați?")
    assert (await brought("older.po", po)).status_code == 422
    assert (await brought("untouched.csv", out)).status_code == 303  # nobody translated anything in it
    assert (await data(hub))["nodes"] == nodes
    wrong = "key;ro\nnodes.where.text;Unde {town}?\nnodes.nobody.text;X\nnodes.job.text;Da {min wage}\nnodes.hello.text;Salut\n"
    refused = await brought("wrong.csv", wrong)
    page = html.unescape(refused.text)
    assert refused.status_code == 422
    for words in ("Line 2: {town} is not in", "Line 3: There is no text", "Line 4: “{min wage}” can't be"):
        assert words in page
    assert (await data(hub))["nodes"]["hello"]["text"]["ro"] != "Salut"
    for content in ("", "nonsense", 'msgid "x"\nmsgstr', 'key;ro\n"open'):
        assert (await brought("bad.csv", content)).status_code in (303, 422)


async def test_a_new_question_brings_its_own_answer_which_goes_live_with_the_flow(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    flow = (await browser.post("/editor/flows", {"slug": "bike", "label": "Rad"})).headers["location"]
    labels, greets, asks = ({f"{n}_{code}": "Rad?" for code in LANGUAGES} for n in ("label", "text", "text"))
    settings = {"seen": await seen(browser, flow), "start": "hello", "remind": "1"}
    await browser.post(f"{flow}/settings", labels | settings)
    await browser.post(f"{flow}/nodes/hello", form_of((await browser.get(f"{flow}?node=hello")).text) | greets)
    added = {"seen": await seen(browser, flow), "op": "add", "kind": "ask", "after": "hello|next"}
    page = (await browser.get((await browser.post(f"{flow}/do", added)).headers["location"])).text
    form = form_of(page) | asks
    unnamed = await browser.post(f"{flow}/nodes/ask", form | {"field": "+"})
    assert (unnamed.status_code, "it needs a name" in unnamed.text) == (422, True)
    named = {"field": "+", "field_name_de": "Hat ein Fahrrad"}
    assert (await browser.post(f"{flow}/nodes/ask", form | named)).status_code == 303
    page = html.unescape((await browser.get(f"{flow}?node=ask")).text)
    assert "has no words in this language (name) (Romanian)" in page  # beside its step
    saved = form_of(page)
    assert (saved["field"], saved["field_name_de"]) == (["hat_ein_fahrrad"], ["Hat ein Fahrrad"])
    names = {f"field_name_{code}": "Has a bike" for code in ("bg", "ro", "uk", "en")}
    assert (await browser.post(f"{flow}/nodes/ask", saved | names)).status_code == 303
    made = (await data(hub, "bike"))["new_fields"]["hat_ein_fahrrad"]
    assert (made["kind"], made["names"]["ro"], made["keep"]) == ("yes_no", "Has a bike", True)
    page = html.unescape((await browser.get("/editor/pieces/flow/bike")).text)
    assert "Has a bike" in page  # read and approved with the flow
    assert "yes_no" not in page.replace("hat_ein_fahrrad", "")
    assert "All versions" not in (await browser.get(flow)).text
    await four_eyes_off(hub)
    assert "hat_ein_fahrrad" not in hub.shelf.library.fields
    published = await browser.post("/editor/pieces/flow/bike/publish", {"seen": SEEN.findall(page)[0]})
    assert published.status_code == 303, published.text
    await hub.shelf.load()
    assert hub.shelf.library.fields["hat_ein_fahrrad"].names["en"] == "Has a bike"
    assert "new_fields" not in await data(hub, "bike")
    assert "/editor/pieces/flow/bike/versions" in (await browser.get(flow)).text  # where the way back begins


async def test_the_answers_of_a_new_choice_are_what_its_buttons_say(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    form = form_of(await do(browser, "add", kind="choose", after="hello|next"))
    named = {"field": "+", "field_name_de": "Kommt mit"}
    assert (await browser.post(f"{ARRIVAL}/nodes/choose", form | named)).status_code == 303
    assert (await data(hub))["new_fields"]["kommt_mit"]["values"]["yes"]["de"] == "Ja"
    await do(browser, "delete", node="choose")
    assert "new_fields" not in await data(hub)  # nobody asks for it any more


async def test_a_step_sends_a_picture_that_was_uploaded_for_one_language(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")

    async def uploaded(name: str, content: bytes, mime: str) -> httpx.Response:
        form = {"csrf": browser.csrf, "seen": await seen(browser), "language": "ro"}
        files = {"file": (name, content, mime)}
        return await browser.http.post(f"{ARRIVAL}/nodes/hello/file", data=form, files=files, headers=HTML)

    assert (await uploaded("Stadtplan.png", b"no picture", "image/png")).status_code == 422
    assert (await uploaded("Plan.pdf", b"%PDF-1", "application/pdf")).status_code == 422
    assert (await uploaded("Stadtplan.png", b"\x89PNG\r\n\x1a\n...", "image/png")).status_code == 303
    assert (await data(hub))["nodes"]["hello"]["image"] == {"ro": "stadtplan.png"}
    await hub.shelf.load()
    form = form_of((await browser.get(f"{ARRIVAL}?node=hello")).text)
    assert (form["image_ro"], form["image_bg"]) == (["stadtplan.png"], [""])
    other = await browser.post(f"{ARRIVAL}/nodes/hello", form | {"image_bg": "stadtplan.png", "image_ro": ""})
    assert other.status_code == 303
    assert (await data(hub))["nodes"]["hello"]["image"] == {"bg": "stadtplan.png"}
