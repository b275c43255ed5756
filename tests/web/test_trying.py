"""Trying out on its page: words, buttons, a step back, other circumstances, kept as a stored dialogue; nothing is stored."""

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.editor.drafts import open_piece, save
from app.hub import Hub
from app.models import User
from tests.editor.test_dialogues import NEW, OLD, replaced
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.street import Street

STATE = re.compile(r'name="state"\s+value="([^"]*)"')
BUTTON = re.compile(r'name="button"\s+value="([^"]*)"')
NAME = "dismissal_de_sms_too_late"


class Trial:
    """The page as a browser without scripts has it: each form carries the state."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.text = ""
        self.state = ""

    async def open(self, query: str) -> "Trial":
        return self._read((await self.browser.get(f"/editor/try{query}")).text)

    async def do(self, **fields: str) -> "Trial":
        answer = await self.browser.post("/editor/try", {"state": self.state} | fields)
        assert answer.status_code in (200, 422), answer.text
        return self._read(answer.text)

    def _read(self, text: str) -> "Trial":
        found = STATE.search(text)
        assert found is not None
        self.text, self.state = html.unescape(text), html.unescape(found[1])
        return self


@pytest.fixture
async def trial(browse: NewBrowser, street: Street) -> Trial:
    return Trial(await browse("boris@example.org"))


async def drafted(hub: Hub, street: Street, kind: str, key: str, old: str, new: str) -> None:
    async with hub.db.transaction() as session:
        data: dict[str, Any] = replaced((await open_piece(session, kind, key)).data, old, new)
        await save(hub, session, street.boris, kind, key, data, seen=0)


def without_steps(page: str) -> str:
    """The list of steps to begin with names all of them by what they say."""
    return re.sub(r'<select name="node">.*?</select>', "", page, flags=re.DOTALL)


async def test_a_draft_is_tried_out_and_compared_with_what_is_live(hub: Hub, street: Street, trial: Trial) -> None:
    english = "How were you dismissed?"
    await drafted(hub, street, "flow", "dismissal", english, "How did they dismiss you?")
    page = await trial.open("?flow=dismissal")
    assert "How did they dismiss you?" in page.text
    assert "Waits for an answer at" in page.text
    page = await trial.do(
        do="set", begin="flow:dismissal", language="en", place="", on="2026-11-22", what="live", node=""
    )
    assert english in page.text
    button = BUTTON.search(page.text)
    assert button is not None
    page = await trial.do(button=button[1], label="Letter")
    assert 'id="bubble-' in page.text
    assert "Write the day, for example" in without_steps(page.text)
    page = await trial.do(do="back")
    assert "Write the day, for example" not in without_steps(page.text)
    page = await trial.do(do="look", look="sms")
    assert "look-sms" in page.text
    assert " SMS · GSM-7" in page.text


async def test_an_entry_is_tried_by_asking_and_the_part_is_for_other_pages(trial: Trial) -> None:
    await trial.open("?entry=work.wage_unpaid")
    page = await trial.do(text="my boss does not pay my wage")
    assert "The last message" in page.text
    assert "was a question" in page.text
    part = await trial.browser.get("/editor/try?flow=dismissal", **{"hx-request": "true"})
    assert "<html" not in part.text
    assert 'class="try-frame"' in part.text
    live = await trial.browser.post("/editor/try", {"state": trial.state, "text": "1"}, headers=HTMX)
    assert 'hx-swap-oob="innerHTML"' in live.text


async def test_it_begins_in_the_middle_with_what_is_known(trial: Trial) -> None:
    await trial.open("?flow=child_benefit")
    page = await trial.do(
        do="set", begin="flow:dismissal", language="de", place="wuppertal", on="2026-11-22", what="drafts", node=""
    )
    assert OLD in page.text
    bad = await trial.do(
        do="set", begin="flow:dismissal", language="de", place="", on="2026-11-22", what="drafts", node="",
        known_letter_date="tomorrow",
    )  # fmt: skip
    assert "This does not fit:" in bad.text
    broken = await trial.browser.post("/editor/try", {"state": '{"look": "fax"}'})
    assert broken.status_code == 422


async def test_kept_shown_failing_and_taken_over(hub: Hub, street: Street, trial: Trial) -> None:
    await trial.open("?flow=dismissal")
    await trial.do(
        do="set", begin="flow:dismissal", language="de", place="wuppertal", on="2026-11-22", what="drafts", node=""
    )
    await trial.do(text="1")
    kept = await trial.browser.post("/editor/try", {"state": trial.state, "do": "keep", "name": "mine"})
    assert kept.headers["location"] == "/editor/transcripts/mine?done=kept"
    assert "It says what it should." in (await trial.browser.get("/editor/transcripts/mine")).text
    await drafted(hub, street, "flow", "dismissal", OLD, NEW)
    overview = html.unescape((await trial.browser.get("/editor/transcripts")).text)
    assert "These say something else now" in overview
    page = html.unescape((await trial.browser.get(f"/editor/transcripts/{NAME}")).text)
    assert f"Line 7 should be “< {OLD}”, but is “< {NEW}”." in page
    answer = await trial.browser.post(f"/editor/transcripts/{NAME}/take", {"seen": "0"})
    assert answer.status_code == 303
    page = html.unescape((await trial.browser.get(f"/editor/transcripts/{NAME}")).text)
    assert "Right with your drafts: it goes live together with them." in page
    assert 'href="/editor/pieces/flow/dismissal"' in page, "alone it could not go live"
    stale = await trial.browser.post(f"/editor/transcripts/{NAME}/retire", {"seen": "0"})
    assert stale.status_code == 409


async def test_the_persons_words_are_changed_played_anew_and_retired(trial: Trial) -> None:
    path = f"/editor/transcripts/{NAME}"
    await trial.browser.get(path)
    wrong = await trial.browser.post(path, {"seen": "0", "lines": "[7]"})
    assert wrong.status_code == 422
    assert "there is no button [7]" in wrong.text
    assert (await trial.browser.post(path, {"seen": "0", "lines": "1\r\n1.11.2026"})).status_code == 303
    page = (await trial.browser.get(path)).text
    assert "1. November 2026" in page
    stale = await trial.browser.post(path, {"seen": "0", "lines": "1"})
    assert stale.status_code == 409
    assert "Take mine over theirs" in stale.text
    assert (await trial.browser.post(f"{path}/retire", {"seen": "1"})).status_code == 303
    assert "This dialogue is no longer played." in (await trial.browser.get(path)).text
    assert (await trial.browser.post(f"{path}/restore", {"seen": "2"})).status_code == 303


async def test_what_can_not_be_played_is_told_in_the_readers_language(hub: Hub, street: Street, trial: Trial) -> None:
    async with hub.db.transaction() as session:
        await session.execute(sa.update(User).where(User.id == street.boris.id).values(language="de"))
    wrong = await trial.browser.post(f"/editor/transcripts/{NAME}", {"seen": "0", "lines": "[7]"})
    assert "Dort gibt es keinen Knopf [7]" in html.unescape(wrong.text)


async def test_the_flows_page_names_the_dialogue_that_it_would_change(hub: Hub, street: Street, trial: Trial) -> None:
    await drafted(hub, street, "flow", "dismissal", OLD, NEW)
    page = html.unescape((await trial.browser.get("/editor/pieces/flow/dismissal")).text)
    assert f'href="/editor/transcripts/{NAME}"' in page
    assert f"line 7 should be '< {OLD}', but is '< {NEW}'" in page
    await trial.browser.post(f"/editor/transcripts/{NAME}/take", {"seen": "0"})
    page = html.unescape((await trial.browser.get("/editor/pieces/flow/dismissal")).text)
    assert f"/editor/transcripts/{NAME}" not in page
    beside = html.unescape((await trial.browser.get(f"/editor/pieces/transcript/{NAME}")).text)
    assert f'href="/editor/transcripts/{NAME}"' in beside


async def test_steps_to_begin_with_stand_in_the_order_of_walking(trial: Trial) -> None:
    text = (await trial.open("?flow=arrival")).text
    choice = text[text.index('<select name="node">') :].partition("</select>")[0]
    assert re.findall(r'value="(\w+)"', choice)[:3] == ["hello", "where", "job"]
    assert "(place_asked)</option>" in choice  # a step without words has a name that says what it does
