"""What another town's content brings, beside this town's own words."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app.content import CONTENT_DIR
from app.hub import Hub
from app.models import AuditEntry, ContentIncoming
from app.publishing import Loaded, load, publish_version
from flows.load import Content, read_content
from tests.editor.test_drafts import KEY, with_label
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_pieces import opened


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(CONTENT_DIR)


def changed(content: Content, **labels: str) -> Content:
    """As another town has it."""
    entries = []
    for entry in content.entries:
        answers: dict[Any, Any] = {**entry.answers}
        if entry.topic == KEY:
            answers |= {code: answers[code].model_copy(update={"label": text}) for code, text in labels.items()}
        entries.append(entry.model_copy(update={"answers": answers}))
    return replace(content, entries=tuple(entries))


async def arrives(hub: Hub, content: Content) -> Loaded:
    async with hub.db.transaction() as session:
        return await load(session, content, source="nebenan")


async def edited(hub: Hub, label: str, language: str) -> None:
    live = (await opened(hub)).live
    assert live is not None
    async with hub.db.transaction() as session:
        await publish_version(session, "entry", KEY, with_label(live.data, label, language), origin="hub")


async def waits(hub: Hub) -> ContentIncoming | None:
    async with hub.db.transaction() as session:
        open_one = ContentIncoming.hash != ContentIncoming.settled_hash
        return await session.scalar(sa.select(ContentIncoming).where(open_one))


@pytest.fixture
async def boris(browse: NewBrowser, street: Street) -> Browser:
    browser = await browse("boris@example.org")
    await browser.get("/editor/incoming")
    return browser


async def test_what_only_they_changed_comes_into_a_draft_and_ours_stays(
    hub: Hub, boris: Browser, content: Content
) -> None:
    await edited(hub, "Наше", "bg")
    assert (await arrives(hub, content)).waiting == []  # nothing new: it is what ours began from
    found = await arrives(hub, changed(content, ro="Al lor"))
    assert found.waiting == [f"entry {KEY}"]
    row = await waits(hub)
    assert row is not None
    assert "nebenan" in (await boris.get("/editor/incoming")).text
    page = (await boris.get(f"/editor/incoming/{row.id}")).text
    assert "Al lor</ins>" in page
    assert "Наше" not in page
    done = await boris.post(
        f"/editor/incoming/{row.id}/take", {"seen": (await opened(hub)).revision, "shown": row.hash}
    )
    assert done.headers["location"] == f"/editor/pieces/entry/{KEY}?done=taken"
    piece = await opened(hub)
    assert piece.changed == {"ro"}
    assert piece.data["answers"]["bg"]["label"] == "Наше"
    assert "nebenan" in (await boris.get(f"/editor/pieces/entry/{KEY}")).text
    assert (await arrives(hub, changed(content, ro="Al lor"))).waiting == []


async def test_what_both_changed_is_chosen(hub: Hub, boris: Browser, content: Content) -> None:
    await edited(hub, "Наше", "bg")
    await arrives(hub, changed(content, bg="Тяхно", ro="Al lor"))
    row = await waits(hub)
    assert row is not None
    path, form = f"/editor/incoming/{row.id}", {"seen": (await opened(hub)).revision, "shown": row.hash}
    assert (await boris.get(path)).text.count('name="choose answers/bg/label"') == 2
    assert (await boris.post(f"{path}/take", form)).status_code == 422
    await boris.post(f"{path}/take", form | {"choose answers/bg/label": "mine"})
    answers = (await opened(hub)).data["answers"]
    assert (answers["bg"]["label"], answers["ro"]["label"]) == ("Наше", "Al lor")
    assert (await boris.post(f"{path}/take", form)).status_code == 409


async def test_ours_is_kept_and_nobody_is_asked_again_until_it_changes_anew(
    hub: Hub, boris: Browser, content: Content
) -> None:
    await edited(hub, "Наше", "bg")
    theirs = changed(content, ro="Al lor")
    await arrives(hub, theirs)
    row = await waits(hub)
    assert row is not None
    assert (await boris.post(f"/editor/incoming/{row.id}/keep", {"shown": "older"})).status_code == 409
    await boris.post(f"/editor/incoming/{row.id}/keep", {"shown": row.hash})
    assert (await arrives(hub, theirs)).waiting == []
    assert (await arrives(hub, changed(content, ro="Al lor", uk="Нове"))).waiting == [f"entry {KEY}"]
    page = (await boris.get(f"/editor/incoming/{row.id}")).text
    assert "Нове</ins>" in page
    assert "Al lor" not in page
    async with hub.db.transaction() as session:
        kinds = set(await session.scalars(sa.select(AuditEntry.kind)))
    assert "content_kept" in kinds


async def test_what_both_made_on_their_own_is_compared_with_ours(hub: Hub, boris: Browser, content: Content) -> None:
    """No version from which both began: what is the same in both is no news."""
    theirs = content.entries[0].model_copy(update={"topic": "work.tips"})
    ours = theirs.model_dump(mode="json")
    ours["answers"]["bg"]["label"] = "Наше"
    async with hub.db.transaction() as session:
        await publish_version(session, "entry", "work.tips", ours, origin="hub")
    await arrives(hub, replace(content, entries=(*content.entries, theirs)))
    row = await waits(hub)
    assert row is not None
    page = (await boris.get(f"/editor/incoming/{row.id}")).text
    new = page.partition('id="theirs"')[2].partition("</section>")[0]
    assert new.count('class="difference"') == 1
    assert "Наше" in new
