"""The flow editor as forms: every step of every flow opens; changed, connected, broken, told why, undone; two at once."""

import html
import re
from typing import Any

from app.editor.drafts import open_piece
from app.hub import Hub
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

ARRIVAL = "/editor/flows/arrival"
SEEN = re.compile(r'name="seen"\s+value="([^"]+)"')
FIELD = re.compile(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"[^>]*>', re.S)


async def seen(browser: Browser, path: str = ARRIVAL) -> str:
    return SEEN.findall((await browser.get(path)).text)[0]


async def do(browser: Browser, op: str, **fields: str) -> str:
    """The page that follows."""
    answer = await browser.post(f"{ARRIVAL}/do", {"seen": await seen(browser), "op": op, **fields})
    assert answer.status_code == 303, answer.text
    return html.unescape((await browser.get(answer.headers["location"])).text)


async def data(hub: Hub, slug: str = "arrival") -> dict[str, Any]:
    async with hub.db.transaction() as session:
        return (await open_piece(session, "flow", slug)).data


def form_of(page: str) -> dict[str, str]:
    """The fields of a step's form as the browser would send them, untouched; ticks and several values aside."""
    form = page[page.index("data-node-form") :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for name in re.findall(r'<(?:input|textarea|select)[^>]*?\bname="([^"]+)"', form, re.S):
        here = re.search(rf'<(input|textarea|select)[^>]*?\bname="{re.escape(name)}"[^>]*>', form, re.S)
        assert here is not None
        if 'type="checkbox"' in here[0]:
            if "checked" in here[0]:
                found[name] = "1"
        elif here[1] == "input":
            value = re.search(r'\bvalue="([^"]*)"', here[0])
            found[name] = html.unescape(value[1]) if value else ""
        elif here[1] == "textarea":
            found[name] = html.unescape(form[here.end() : form.index("</textarea>", here.end())])
        else:
            options = form[here.end() : form.index("</select>", here.end())]
            chosen = re.search(r'<option value="([^"]*)"\s+selected', options, re.S)
            first = re.search(r'<option value="([^"]*)"', options, re.S)
            found[name] = html.unescape((chosen or first)[1]) if (chosen or first) else ""  # type: ignore[index]
    return found


async def test_every_step_of_every_flow_opens_and_saving_it_as_it_is_changes_nothing(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    page = html.unescape((await browser.get("/editor/flows")).text)
    for slug, (_, flow) in hub.shelf.library.flows.items():
        assert f'href="/editor/flows/{slug}"' in page
        assert (await browser.get(f"/editor/flows/{slug}/settings")).status_code == 200
        kinds: dict[str, str] = {}
        for name, node in flow.nodes.items():
            kinds.setdefault(node.kind, name)
        for name in kinds.values():
            shown = await browser.get(f"/editor/flows/{slug}?node={name}")
            assert shown.status_code == 200
            answer = await browser.post(f"/editor/flows/{slug}/nodes/{name}", form_of(shown.text))
            assert answer.status_code == 303, html.unescape(answer.text)
        async with hub.db.transaction() as session:
            piece = await open_piece(session, "flow", slug)
        assert piece.changed == set(), (slug, kinds)
