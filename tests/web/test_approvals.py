"""Reading and approving, text after text: by coordinators in all languages, by mediators in theirs."""

import pytest

from app.editor.drafts import open_piece
from app.editor.recordings import as_voice, keep
from app.editor.waiting import waiting
from app.hub import Hub
from app.models import User
from app.web.editor.approvals import reading_url
from tests.editor.test_drafts import KEY
from tests.sounds import tone
from tests.web.cast import add_user
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_pieces import opened, saved

READ = f"/editor/approvals/ro/entry/{KEY}"


@pytest.fixture
async def mila(hub: Hub, street: Street) -> User:
    async with hub.db.transaction() as session:
        user = await add_user(session, "Mila Mediator", "mediator", "en")
        user.speaks = ["ro"]
        return user


@pytest.fixture
async def mediator(browse: NewBrowser, mila: User) -> Browser:
    return await browse("mila@example.org")


async def test_a_mediator_reads_what_changed_beside_the_german_and_approves_it(
    hub: Hub, street: Street, mediator: Browser
) -> None:
    await saved(hub, street.boris, "Plata cea mai mică", "ro")
    assert "/editor/approvals" in (await mediator.get("/mediation")).text
    page = (await mediator.get("/editor/approvals")).text
    assert READ in page
    assert "/editor/approvals/bg/" not in page
    page = (await mediator.get(READ)).text
    assert "Plata cea mai mică</ins>" in page
    assert (await opened(hub)).data["answers"]["de"]["label"] in page
    assert (await mediator.post(f"{READ}/approve", {"seen": 0})).status_code == 409
    done = await mediator.post(f"{READ}/approve", {"seen": 1})
    assert done.status_code == 303
    draft = (await opened(hub)).draft
    assert draft is not None
    assert draft.approvals["ro"]["name"] == "Mila Mediator"
    await mediator.post(f"{READ}/withdraw", {"seen": 1})
    draft = (await opened(hub)).draft
    assert draft is not None
    assert draft.approvals == {}


async def test_a_mediator_sees_nothing_else(hub: Hub, street: Street, mediator: Browser) -> None:
    for path in (
        READ.replace("/ro/", "/bg/"),
        READ.replace("/ro/", "/structure/"),
        f"/editor/pieces/entry/{KEY}",
        "/editor",
    ):
        assert (await mediator.get(path)).status_code == 403
    assert (await mediator.post("/editor/approvals/publish")).status_code == 403
    assert (await mediator.post(f"{READ.replace('/ro/', '/bg/')}/approve", {"seen": 0})).status_code == 403


async def test_who_approves_words_hears_the_recording_that_belongs_to_them_and_no_other(
    hub: Hub, street: Street, mediator: Browser, browse: NewBrowser
) -> None:
    voice = await as_voice(tone("mp3"))
    for language in ("ro", "bg"):
        async with hub.db.transaction() as session:
            seen = (await open_piece(session, "entry", KEY)).revision
            await keep(hub, session, street.boris, KEY, language, voice, seen=seen)
    files: dict[str, str] = (await opened(hub)).data["audio"]
    page = (await mediator.get(READ)).text
    assert f'<audio controls\n               preload="none"\n               src="{READ}/files/{files["ro"]}"' in page
    heard = await mediator.get(f"{READ}/files/{files['ro']}")
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/ogg")
    assert heard.content == voice
    assert (await mediator.get(f"{READ}/files/{files['bg']}")).status_code == 404
    assert (await mediator.get(f"{READ.replace('/ro/', '/bg/')}/files/{files['bg']}")).status_code == 403
    ana = await browse("ana@example.org")
    assert (await ana.get(f"{READ}/files/{files['ro']}")).status_code == 403


async def test_starter_texts_are_read_one_after_another_and_published_in_one_press(
    hub: Hub, street: Street, browse: NewBrowser
) -> None:
    boris = await browse("boris@example.org")
    async with hub.db.transaction() as session:
        queue = [each for each in await waiting(session, street.boris) if each.aspect == "uk"]
    assert {each.why for each in queue} == {"draft"}
    at = reading_url(queue[0])
    for each in queue[:2]:
        assert at == reading_url(each)
        page = (await boris.get(at)).text
        assert 'id="read-next"' in page
        done = await boris.post(f"{at}/approve", {"seen": 0})
        at = done.headers["location"].partition("?")[0]
    assert "2 texts are approved" in (await boris.get("/editor/approvals")).text
    done = await boris.post("/editor/approvals/publish")
    assert done.headers["location"] == "/editor/approvals?done=read"
    async with hub.db.transaction() as session:
        for each in queue[:2]:
            piece = await open_piece(session, each.kind, each.key)
            assert piece.draft is None
            assert piece.live is not None
            assert piece.live.approvals["uk"]["name"] == "Boris Lange"
        left = [each for each in await waiting(session, street.boris) if each.aspect == "uk"]
    assert len(left) == len(queue) - 2


async def test_a_changed_draft_is_not_published_with_what_was_only_read(
    hub: Hub, street: Street, browse: NewBrowser
) -> None:
    await saved(hub, street.admin, "Plata cea mai mică", "ro")
    boris = await browse("boris@example.org")
    await boris.post(f"{READ}/approve", {"seen": 1})
    await boris.post("/editor/approvals/publish")
    piece = await opened(hub)
    assert piece.draft is not None
    assert piece.live is not None
    assert piece.live.version == 1


async def test_an_older_translation_is_read_with_what_changed_in_german(
    hub: Hub, street: Street, browse: NewBrowser
) -> None:
    await saved(hub, street.boris, "Mindestens!", "de")
    chris = await browse("chris@example.org")
    await chris.get("/editor/approvals")
    await chris.post(f"/editor/approvals/de/entry/{KEY}/approve", {"seen": 1})
    await chris.post(f"/editor/pieces/entry/{KEY}/publish", {"seen": 1})
    page = (await chris.get(READ)).text
    assert "What has changed in the German text since" in page
    assert "Mindestens" in page
    await chris.post(f"{READ}/approve", {"seen": (await opened(hub)).revision})
    await chris.post("/editor/approvals/publish")
    live = (await opened(hub)).live
    assert live is not None
    assert live.words_of["ro"] == 3


async def test_an_admin_switches_the_second_person_off(hub: Hub, street: Street, browse: NewBrowser) -> None:
    await saved(hub, street.boris, "Сам")
    chris = await browse("chris@example.org")
    page = (await chris.get("/admin/settings")).text
    assert "A second person approves" in page
    assert (await chris.post("/admin/settings/four-eyes", {"four_eyes": "maybe"})).status_code == 422
    await chris.post("/admin/settings/four-eyes", {"four_eyes": "off"})
    boris = await browse("boris@example.org")
    done = await boris.post(f"/editor/pieces/entry/{KEY}/publish", {"seen": 1})
    assert done.status_code == 303
    assert (await opened(hub)).data["answers"]["bg"]["approved_by"] == "Boris Lange"
