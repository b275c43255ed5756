"""Colleagues named in a note: told in a list of their own until they have looked, and only who may see the case."""

import html

import sqlalchemy as sa

from app.hub import Hub
from app.mentions import find_named
from app.models import Mention, User
from app.teams import Form, create
from tests.web.cast import add_user
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street


def person(id_: int, name: str) -> User:
    return User(id=id_, name=name)


def test_who_is_named() -> None:
    people = [person(1, "Ana"), person(2, "Ana Maria Lenz"), person(3, "Jörg Özil"), person(4, "Ana")]

    def named(text: str) -> list[int]:
        return [each.id for each in find_named(text, people)]

    assert named("@Ana please") == [1, 4]  # who share a name are both told
    assert named("see @ana maria lenz, and @Jörg Özil.") == [2, 3]
    assert named("mail ana@Ana.example, @Anabel, Ana") == []


async def test_a_mention_waits_until_it_is_looked_at(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    path = f"/inbox/{street.wages.id}"
    assert "view=mentioned" not in (await boris.get("/inbox")).text
    part = await ana.post(f"{path}/note", {"text": "@Boris Lange <b>bitte</b> lesen"}, headers=HTMX)
    assert 'data-name="Boris Lange"' in part.text
    assert "Gelbe Lerche 42" in (await boris.get("/inbox?view=mentioned")).text
    assert "Gelbe Lerche 42" not in (await ana.get("/inbox?view=mentioned")).text.partition('class="cards"')[2]
    page = (await boris.get(path)).text
    assert '<mark class="mention">@Boris Lange</mark> &lt;b&gt;bitte&lt;/b&gt; lesen' in page
    assert "You have read every note" in html.unescape((await boris.get("/inbox?view=mentioned")).text)
    async with hub.db.transaction() as session:
        mention = (await session.scalars(sa.select(Mention))).one()
    assert (mention.user_id, mention.case_id) == (street.boris.id, street.wages.id)


async def test_who_may_not_see_the_case_is_neither_offered_nor_told(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    async with hub.db.transaction() as session:
        otto = await add_user(session, "Otto Outsider")
        await create(session, hub.shelf.library, street.admin, Form("Elsewhere", "", {"wuppertal"}, {otto.id}))
    ana = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}"
    page = (await ana.get(path)).text
    assert 'data-name="Boris Lange"' in page
    assert 'data-name="Otto Outsider"' not in page
    await ana.post(f"{path}/note", {"text": "@Otto Outsider, @Ana Petrova"})
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(Mention))).all() == []
