"""The thread shows German beside the original, says where it comes from, and keeps each colleague's choice."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.models import Message
from app.readings import Words, put
from app.search import search
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street

COMING = "Да, ще дойда. Да взема ли и паспорта?"
COMING_DE = "Ja, ich komme. Soll ich auch den Pass mitbringen?"
OVER = ("bg", "en", "de")


async def reads(session: AsyncSession, said: str, words: Words) -> None:
    message = (await session.scalars(sa.select(Message).where(Message.text == said))).one()
    await put(session, message, words)


@pytest.fixture
async def read(hub: Hub, street: Street) -> None:
    """Every kind of reading in one thread."""
    async with hub.db.transaction() as session:
        letter = Words("machine", "Das haben sie mir gegeben, ich verstehe nichts.", OVER, untouched=1)
        for said, words in (
            (COMING, Words("machine", COMING_DE, OVER)),
            ("Това ми дадоха, нищо не разбирам.", letter),
            ("Искам човек", Words("memory", "Ich möchte einen Menschen", ("bg", "de"), likeness=0.9)),
            ("договор", Words("checked", "Vertrag", ("bg", "de"))),
            (
                "dobar den, shefat ne mi plati zaplatata veche 2 meseca",
                Words("none", None, ("bg", "de"), problem="no_route"),
            ),
        ):
            await reads(session, said, words)


async def test_both_texts_and_where_the_german_comes_from(street: Street, read: None, browse: NewBrowser) -> None:
    ana = await browse("ana@example.org")
    page = (await ana.get(f"/inbox/{street.wages.id}")).text
    german, original = page.index(f'lang="de">{COMING_DE}'), page.index(f'lang="bg">{COMING}')
    assert german < original
    for words in ("by machine, over English", "1 sentence is left in the original", "checked by a person",
                  "No translation package from Bulgarian to German: ask an admin."):  # fmt: skip
        assert words in page, words


async def test_a_missing_package_is_said_once_in_a_thread(hub: Hub, street: Street, browse: NewBrowser) -> None:
    async with hub.db.transaction() as session:
        for said in (
            "dobar den, shefat ne mi plati zaplatata veche 2 meseca",
            "Това ми дадоха, нищо не разбирам.",
            COMING,
        ):
            await reads(session, said, Words("none", None, ("bg", "de"), problem="no_route"))
    ana = await browse("ana@example.org")
    page = (await ana.get(f"/inbox/{street.wages.id}")).text
    assert page.count("No translation package from Bulgarian") == 1
    assert page.index(COMING) < page.index("No translation package from Bulgarian")


async def test_only_the_original_is_kept_with_the_account(street: Street, read: None, browse: NewBrowser) -> None:
    ana = await browse("ana@example.org")
    where = f"/inbox/{street.wages.id}"
    assert COMING_DE in (await ana.get("/inbox?view=mine")).text, "the last words on the card"
    part = (await ana.post(f"{where}/originals", {"only": "1"}, headers=HTMX)).text
    assert COMING in part
    assert COMING_DE not in part
    again = await browse("ana@example.org")
    assert COMING_DE not in (await again.get(where)).text
    listed = (await again.get("/inbox?view=mine")).text
    assert COMING in listed
    assert COMING_DE not in listed
    assert (await again.post(f"{where}/originals")).status_code == 303
    assert COMING_DE in (await again.get(where)).text


async def test_german_and_original_are_found_and_shown(hub: Hub, street: Street, read: None) -> None:
    async with hub.db.transaction() as session:
        for words, shown in (("pass mitbringen", COMING_DE), ("паспорт", COMING)):
            (group,) = (await search(hub, session, street.ana, words)).groups
            assert "".join(piece.text for piece in group.hits[0].pieces) == shown
