"""Templates and letters: words in all languages, the providers' names, saved as drafts."""

from app.editor import drafts
from app.hub import Hub
from tests.web.conftest import NewBrowser
from tests.web.street import Street
from tests.web.test_entry_editor import fields


async def test_a_template_gets_the_name_that_meta_approved(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    listed = (await boris.get("/editor/templates")).text
    assert "/editor/templates/open_window" in listed
    assert "/editor/templates/wage_demand" in listed
    page = "/editor/templates/open_window"
    form = fields((await boris.get(page)).text.replace(f'action="{page}"', f'id="entry" action="{page}"', 1))
    assert (await boris.post(page, form)).status_code == 303
    async with hub.db.transaction() as session:
        assert (await drafts.open_piece(session, "template", "open_window")).draft is None
    given = form | {"meta_name_ro": "open_window_ro"}
    assert (await boris.post(page, given)).status_code == 303
    async with hub.db.transaction() as session:
        piece = await drafts.open_piece(session, "template", "open_window")
    assert piece.data["languages"]["ro"]["meta_name"] == "open_window_ro"
    assert piece.changed == {"ro"}
    assert (await boris.post(page, form | {"purpose": "Mine"})).status_code == 409


async def test_a_letter_is_saved_in_all_languages(browse: NewBrowser, street: Street, hub: Hub) -> None:
    boris = await browse("boris@example.org")
    page = "/editor/templates/wage_demand"
    form = fields((await boris.get(page)).text.replace(f'action="{page}"', f'id="entry" action="{page}"', 1))
    assert (await boris.post(page, form | {"subject_uk": "Зарплата"})).status_code == 303
    async with hub.db.transaction() as session:
        piece = await drafts.open_piece(session, "letter", "wage_demand")
    assert piece.data["subject"]["uk"] == "Зарплата"
    assert piece.changed == {"uk"}
