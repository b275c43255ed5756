"""Many cases at once: each for itself, what can't be done is named, and the undo spares what others did since."""

import asyncio
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import bulk, cases, later
from app.bulk import Deed
from app.errors import BadInput, NotAllowed
from app.hub import Hub
from app.models import Case, CaseEvent, Conversation, User
from tests.web.cast import add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street

PART = {"hx-request": "true"}
SEALED = re.compile(r'name="sealed" value="([^"]+)"')
KEPT = (*bulk.PLAIN, *bulk.TIMES)


async def all_cases(hub: Hub) -> list[Case]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(Case).order_by(Case.id)))


async def state(hub: Hub) -> list[object]:
    async with hub.db.transaction() as session:
        modes = (await session.execute(sa.select(Conversation.id, Conversation.mode).order_by(Conversation.id))).all()
    return [[getattr(case, name) for name in KEPT] for case in await all_cases(hub)] + [tuple(row) for row in modes]


async def chosen(hub: Hub, *but: int) -> dict[int, int | None]:
    return {case.id: case.assignee_id for case in await all_cases(hub) if case.id not in but}


@pytest.mark.parametrize(
    "deed",
    [
        Deed("assign", to_id=-1),
        Deed("snooze", until="tomorrow"),
        Deed("close", outcome="solved"),
        Deed("tag", tag="tour 3"),
    ],
    ids=lambda deed: deed.kind,
)
async def test_done_for_each_and_undone_exactly(hub: Hub, street: Street, deed: Deed) -> None:
    deed = Deed("assign", to_id=street.boris.id) if deed.to_id else deed
    before = await state(hub)
    found = await bulk.apply(hub, street.ana, await chosen(hub, street.closed.id), deed)
    assert (found.done, found.refused) == (7, ())
    assert await state(hub) != before
    restored, left = await bulk.undo(hub, street.ana, found.sealed)
    assert left == ()
    assert restored == (6 if deed.kind == "assign" else 7)  # Boris had one already
    assert await state(hub) == before
    restored, left = await bulk.undo(hub, street.ana, found.sealed)
    assert restored == 0  # once is enough


async def test_what_cannot_be_done_is_named_and_holds_up_nothing(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        await cases.take(hub, session, street.boris, street.urgent.id)  # after Ana's page was made
        conversation = await session.get_one(Conversation, street.two_ways.conversation_id)
        await later.schedule(
            hub, session, street.ana, street.two_ways.id, conversation_id=conversation.id, text="Later",
            seen_seq=conversation.last_seq, send_at=hub.now() + timedelta(days=9),
        )  # fmt: skip
    seen = {street.urgent.id: None, street.wages.id: street.ana.id, street.closed.id: street.boris.id, 999_999: None}
    found = await bulk.apply(hub, street.ana, seen, Deed("assign", to_id=street.admin.id))
    assert found.done == 1
    said = {refusal.name: refusal.error.message for refusal in found.refused}
    assert set(said) == {"Ruhige Amsel 17", "Kleine Ente 61", ""}
    assert said["Ruhige Amsel 17"].startswith("A colleague has just taken")
    found = await bulk.apply(hub, street.ana, await chosen(hub), Deed("close", outcome="other"))
    assert {refusal.name for refusal in found.refused} == {"Silberne Möwe 88", "Kleine Ente 61"}


async def test_undo_leaves_alone_what_changed_since(hub: Hub, street: Street) -> None:
    found = await bulk.apply(hub, street.ana, await chosen(hub, street.closed.id), Deed("snooze", until="hour"))
    async with hub.db.transaction() as session:
        await cases.note(hub, session, street.boris, street.wages.id, "called her")
        await cases.take(hub, session, street.boris, street.urgent.id)
        conversation = await session.get_one(Conversation, street.two_ways.conversation_id)
        conversation.mode = "stopped"
    restored, left = await bulk.undo(hub, street.ana, found.sealed)
    assert set(left) == {"Gelbe Lerche 42", "Ruhige Amsel 17", "Silberne Möwe 88"}
    assert restored == 4
    by_id = {case.id: case for case in await all_cases(hub)}
    assert by_id[street.urgent.id].assignee_id == street.boris.id
    assert by_id[street.wages.id].status == "snoozed"
    async with hub.db.transaction() as session:
        lines = await session.scalars(sa.select(CaseEvent.case_id).where(CaseEvent.kind == "undone"))
        assert len(set(lines)) == 4


async def test_two_at_once_lose_and_double_nothing(hub: Hub, street: Street) -> None:
    seen = await chosen(hub, street.closed.id)
    deeds = [bulk.apply(hub, who, seen, Deed("assign", to_id=who.id)) for who in (street.ana, street.boris)]
    ana, boris = await asyncio.gather(*deeds)
    free = [case_id for case_id, owner in seen.items() if owner is None]
    owners = {case.id: case.assignee_id for case in await all_cases(hub)}
    assert all(owners[case_id] in (street.ana.id, street.boris.id) for case_id in free)
    assert ana.done + boris.done + len(ana.refused) + len(boris.refused) == 2 * len(seen)
    async with hub.db.transaction() as session:
        lines = (await session.scalars(sa.select(CaseEvent.case_id).where(CaseEvent.kind == "assigned"))).all()
    assert len([line for line in lines if line in free]) == len(free)


async def test_whose_undo_it_is(hub: Hub, street: Street) -> None:
    found = await bulk.apply(hub, street.ana, {street.urgent.id: None}, Deed("tag", tag="x"))
    for user, sealed in ((street.boris, found.sealed), (street.ana, "nonsense"), (street.ana, "")):
        with pytest.raises(BadInput):
            await bulk.undo(hub, user, sealed)
    async with hub.db.transaction() as session:
        mila: User = await add_user(session, "Mila Mediator", "mediator")
    with pytest.raises(NotAllowed):
        await bulk.apply(hub, mila, {street.urgent.id: None}, Deed("tag", tag="x"))


async def test_the_lists_form(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.get("/inbox?view=all")).text
    assert f'value="{street.urgent.id}:0"' in page
    form = {"chosen": [f"{street.urgent.id}:0", f"{street.wages.id}:{street.ana.id}", "999999:0"]}
    part = (await browser.post("/inbox/bulk?view=all", form | {"deed": "tag", "tag": "tour"}, headers=PART)).text
    assert "Tagged: 2" in part
    assert "There is no such case." in part
    assert 'id="case-list"' in part
    whole = await browser.post("/inbox/bulk?view=all", form | {"deed": "snooze", "until": "reply"})
    assert "<!DOCTYPE html>" in whole.text
    sealed = SEALED.search(whole.text)
    assert sealed
    undone = await browser.post("/inbox/bulk/undo?view=all", {"sealed": sealed[1]})
    assert "Undone: 2" in undone.text
    page = (await browser.get(f"/inbox/{street.urgent.id}")).text
    assert "Tagged: Ana Petrova · tour" in page
    assert "Undone: Ana Petrova" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"deed": "tag", "tag": "x"}, "Please choose cases first."),
        ({"chosen": "x", "deed": "tag", "tag": "x"}, "Please choose cases first."),
        ({"chosen": "1:0"}, "Please choose what to do."),
        ({"chosen": [f"{n}:0" for n in range(200)], "deed": "close"}, "at most 100 cases"),
    ],
)
async def test_bad_forms_are_refused_in_words(
    browse: NewBrowser, street: Street, form: dict[str, object], words: str
) -> None:
    browser = await browse("ana@example.org")
    answer = await browser.post("/inbox/bulk", form)
    assert answer.status_code == 422
    assert words in answer.text
