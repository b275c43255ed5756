"""Figures: a new value closes the one before, overlaps are refused in words, the texts are shown as they will read."""

from datetime import date
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from app.editor import drafts
from app.editor.figures import Value, past_changed, settled
from app.errors import BadInput
from app.hub import Hub
from app.models import ContentDraft
from tests.web.conftest import NewBrowser
from tests.web.street import Street
from tests.web.test_entry_editor import fields

PAGE = "/editor/figures/child_benefit"


def test_a_new_value_closes_the_open_one_the_day_before() -> None:
    made = settled([Value("2027-01-01", "", "14,60"), Value("2026-01-01", "", "13.90")])
    assert made == [
        {"since": "2026-01-01", "until": "2026-12-31", "value": "13.90"},
        {"since": "2027-01-01", "until": None, "value": "14.60"},
    ]
    assert settled([Value("2026-01-01", "", "1.587,40 €")])[0]["value"] == "1587.40"


@pytest.mark.parametrize(
    "values",
    [
        [Value("2026-01-01", "2027-06-30", "1"), Value("2027-01-01", "", "2")],
        [Value("2026-01-01", "", "1"), Value("2026-01-01", "", "2")],
        [Value("2026-01-01", "2025-01-01", "1")],
        [Value("", "", "1")],
        [Value("2026-01-01", "", "a lot")],
    ],
    ids=["overlap", "same day", "ends before", "no day", "no number"],
)
def test_what_can_not_hold_is_refused(values: list[Value]) -> None:
    with pytest.raises(BadInput):
        settled(values)


def test_a_value_of_the_past_is_told() -> None:
    live: dict[str, Any] = {"values": settled([Value("2026-01-01", "", "1")])}
    new = {"values": settled([Value("2026-01-01", "", "2"), Value("2030-01-01", "", "3")])}
    assert past_changed(live, new, date(2026, 6, 1)) == ["2026-01-01"]
    assert past_changed(None, new, date(2026, 6, 1)) == []


async def test_next_years_value_and_how_texts_will_read(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    assert "{child_benefit}" in (await boris.get("/editor/figures")).text
    form = fields((await boris.get(PAGE)).text.replace('action="/editor', 'id="entry" action="/editor', 1))
    form["value"][0], form["since"][0] = "270", "2027-01-01"
    assert (await boris.post(PAGE, form)).headers["location"] == f"{PAGE}?done=saved"
    async with hub.db.transaction() as session:
        data = (await drafts.open_piece(session, "figure", "child_benefit")).data
    assert data["values"][-1] == {"since": "2027-01-01", "value": "270"}
    page = unescape((await boris.get(f"{PAGE}?on=2027-02-01")).text)
    assert "/editor/entries/benefits.child_benefit" in page
    assert "270\u00a0€" in page
    refused = await boris.post(PAGE, form)
    assert refused.status_code == 409
    assert 'value="270"' in refused.text


async def test_a_new_figure_has_a_name_that_texts_can_say(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    assert (await boris.post("/editor/figures", {"key": "Größe", "unit": "eur"})).status_code == 422
    assert (await boris.post("/editor/figures", {"key": "dog_tax", "unit": "eur"})).status_code == 303
    assert (await boris.get("/editor/figures/dog_tax")).status_code == 200
    async with hub.db.transaction() as session:
        assert await session.scalar(sa.select(ContentDraft.key)) == "dog_tax"
