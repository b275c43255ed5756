"""The directory as a table: out and back without loss, looked at first, all or nothing."""

import csv
import io

import pytest

from app.editor import service_csv, services
from app.editor.service_csv import Plan, armed, defused
from app.errors import BadInput, Conflict
from app.hub import Hub
from app.models import ContentVersion
from tests.editor.conftest import Desk

SLUG = "telefonseelsorge"


async def exported(hub: Hub) -> bytes:
    async with hub.db.transaction() as session:
        slugs = sorted(await services.taken_slugs(session))
        return service_csv.export([await services.find(session, slug) for slug in slugs])


async def planned(hub: Hub, table: str | bytes) -> Plan:
    content = table if isinstance(table, bytes) else table.encode()
    async with hub.db.transaction() as session:
        return await service_csv.plan(hub, session, content)


async def applied(hub: Hub, desk: Desk, table: str, mark: str) -> int:
    async with hub.db.transaction() as session:
        return await service_csv.apply(hub, session, desk.ana, table.encode(), mark=mark, note="")


async def live(hub: Hub, slug: str = SLUG) -> ContentVersion | None:
    async with hub.db.transaction() as session:
        return (await services.find(session, slug)).live


async def test_out_and_back_changes_nothing(hub: Hub) -> None:
    table = await exported(hub)
    assert table.startswith("﻿slug;name;".encode())
    plan = await planned(hub, table)
    assert len(plan.rows) > 40
    assert (plan.changing, plan.wrong) == ([], [])
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))
    other = io.StringIO()
    csv.writer(other, delimiter=",").writerows(rows)
    assert (await planned(hub, other.getvalue())).changing == []


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30 1", "@x", "-1", "'=1", "'quoted", "0202 563-0", "2026-02", "\t=1", "x", ""]
)
def test_no_cell_is_a_formula_and_each_comes_back(cell: str) -> None:
    assert not defused(cell).startswith(("=", "+", "-", "@", "\t", "0", "2"))
    assert armed(defused(cell)) == cell


async def test_what_is_in_the_file_changes_and_all_else_stays(hub: Hub, desk: Desk) -> None:
    before = await live(hub)
    assert before is not None
    table = f"slug;hours;checked_on;about_bg\n{SLUG};Mo-Fr 9-12, Do 14-18;22.11.2026;Ново\n"
    plan = await planned(hub, table)
    assert [(row.line, row.slug) for row in plan.changing] == [(2, SLUG)]
    assert await applied(hub, desk, table, plan.mark) == 1
    after = await live(hub)
    assert after is not None
    assert [span["start"] for span in after.data["hours"]["week"]["thu"]] == ["09:00:00", "14:00:00"]
    assert after.data["checked_on"] == "2026-11-22"
    same = ("name", "about", "phones", "topics", "languages", "source")
    assert {field: after.data[field] for field in same} == {field: before.data[field] for field in same}
    async with hub.db.transaction() as session:
        assert (await services.find(session, SLUG)).data["about"]["bg"] == "Ново"
    assert (await planned(hub, table)).changing == []


async def test_one_wrong_line_keeps_all_from_being_saved(hub: Hub, desk: Desk) -> None:
    table = f"slug,web,hours\n{SLUG},new.example,\npolizei-110,,whenever\nNo Slug,,\n{SLUG},,\n"
    plan = await planned(hub, table)
    assert [(row.line, [each.where for each in row.problems]) for row in plan.wrong] == [
        (3, ["hours"]), (4, ["slug", "name", "topics", "level"]), (5, ["slug"]),
    ]  # fmt: skip
    with pytest.raises(BadInput):
        await applied(hub, desk, table, plan.mark)
    contradiction = f"slug,web,ask_first\npolizei-110,new.example,\n{SLUG},,yes\n"
    both = await planned(hub, contradiction)
    assert [(row.line, row.problems[0].where) for row in both.wrong] == [(3, "ask_first")]
    with pytest.raises(BadInput):
        await applied(hub, desk, contradiction, both.mark)
    for slug in ("polizei-110", SLUG):
        found = await live(hub, slug)
        assert found is not None
        assert found.version == 1


async def test_what_changed_since_it_was_shown_is_shown_again(hub: Hub, desk: Desk) -> None:
    table = f"slug;web\n{SLUG};new.example\n"
    plan = await planned(hub, table)
    async with hub.db.transaction() as session:
        await services.confirm(hub, session, desk.boris, SLUG, version=1)
    with pytest.raises(Conflict):
        await applied(hub, desk, table, plan.mark)


async def test_a_new_row_is_a_draft(hub: Hub, desk: Desk) -> None:
    table = "slug;name;level;topics;phones;about_de\nneu;Neu;verein;work.wage_unpaid;0202 1 (Büro) [2026-11-01];Rat.\n"
    assert await applied(hub, desk, table, (await planned(hub, table)).mark) == 1
    async with hub.db.transaction() as session:
        found = await services.find(session, "neu")
    assert (found.live, found.data["phones"][0]["tested_on"]) == (None, "2026-11-01")


@pytest.mark.parametrize(
    "table",
    ["", "name;web\nx;y\n", "slug;nonsense\nx;y\n", "slug;slug\nx;y\n", "slug\nx;y\n", "slug\n" + "x" * 600_000],
)
async def test_what_is_no_such_table_is_refused_in_words(hub: Hub, table: str) -> None:
    with pytest.raises(BadInput):
        await planned(hub, table)
    with pytest.raises(BadInput):
        await planned(hub, "slug;name\nx;Bürö\n".encode("cp1252"))
