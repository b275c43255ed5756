"""Files and quotes of replies that a second person reads first; and what becomes of the words of who has left."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from app import later, staffing
from app.hub import Hub
from app.models import Case, CaseEvent, Conversation, KeptFile, Media, Message, PendingReply, ScheduledReply, Setting
from app.risky import SECOND_READER
from tests.web.cast import PIXEL, Talk
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

ANA, BORIS = "ana@example.org", "boris@example.org"
FILE = {"files": ("map.png", PIXEL, "image/png")}


@pytest.fixture(autouse=True)
async def rule(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=SECOND_READER, value={"topics": ["work.wage_unpaid"], "hours": 2}))


async def asked(hub: Hub, case: Case) -> tuple[int, Message]:
    """The newest message's number, and one that can be quoted."""
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, case.conversation_id)
        first = sa.select(Message).where(Message.conversation_id == talk.id, Message.external_id == "tg:1")
        return talk.last_seq, (await session.scalars(first)).one()


async def submit(hub: Hub, browser: Browser, case: Case, text: str = "Ето плана.") -> tuple[str, dict[str, str]]:
    """The path of a reply that waits, with a file and a quote; and its reader's form."""
    seen, quoted = await asked(hub, case)
    await browser.get(f"/inbox/{case.id}")
    form = {"to": f"{case.conversation_id}:{seen}", "text": text, "quote": str(quoted.id)}
    assert (await browser.post(f"/inbox/{case.id}/reply", form, files=FILE)).status_code == 303
    async with hub.db.transaction() as session:
        row = (await session.scalars(sa.select(PendingReply).order_by(PendingReply.id.desc()))).first()
    assert row is not None
    return f"/inbox/{case.id}/pending/{row.id}", {"text": text, "seen": str(seen)}


async def went_out(hub: Hub) -> list[tuple[str | None, str | None, bytes | None]]:
    """What left with the file or the quote."""
    async with hub.db.transaction() as session:
        query = sa.select(Message, Media).outerjoin(Media, Media.message_id == Message.id)
        query = query.where(Message.direction == "out", sa.or_(Media.name == "map.png", Message.reply_to == "tg:1"))
        rows = await session.execute(query.order_by(Message.seq).options(undefer(Media.content)))
        return [(message.text, message.reply_to, media.content if media else None) for message, media in rows]


async def kept(hub: Hub) -> list[KeptFile]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(KeptFile)))


@pytest.mark.parametrize("text", ["Ето плана.", ""])
async def test_the_reader_sees_the_file_and_sends_it(hub: Hub, browse: NewBrowser, street: Street, text: str) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path, form = await submit(hub, ana, street.wages, text)
    (file,) = await kept(hub)
    page = (await boris.get(f"/inbox/{street.wages.id}")).text
    url = f"/inbox/{street.wages.id}/kept/{file.id}"
    assert f'src="{url}"' in page
    assert 'class="quoted" dir="auto">dobar den' in " ".join(page.split())
    assert "map.png" in (await boris.get("/inbox/to-read")).text
    assert (await boris.get(url)).content == PIXEL
    assert (await boris.get(f"/inbox/{street.urgent.id}/kept/{file.id}")).status_code == 404
    assert (await boris.post(f"{path}/release", form)).status_code == 303
    out = await went_out(hub)
    assert {reply_to for _, reply_to, _ in out} - {None} == {"tg:1"}
    assert [content for *_, content in out if content] == [PIXEL]
    assert await kept(hub) == []


@pytest.mark.parametrize("step", ["return", "withdraw"])
async def test_given_back_file_and_quote_stand_in_the_composer(
    hub: Hub, browse: NewBrowser, street: Street, step: str
) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path, _ = await submit(hub, ana, street.wages)
    who = boris if step == "return" else ana
    await who.get(f"/inbox/{street.wages.id}")
    assert (await who.post(f"{path}/{step}", {"note": "softer"})).status_code == 303
    page = (await ana.get(f"/inbox/{street.wages.id}")).text
    (file,) = await kept(hub)
    _, quoted = await asked(hub, street.wages)
    assert "Files of a reply that was not sent:" in page
    assert f'id="quote" name="quote" value="{quoted.id}"' in page.replace("\n", " ")
    assert "Files of a reply" not in (await boris.get(f"/inbox/{street.wages.id}")).text
    seen, _ = await asked(hub, street.wages)
    form = {"to": f"{street.wages.conversation_id}:{seen}", "text": "So.", "kept": str(file.id)}
    assert (await ana.post(f"/inbox/{street.wages.id}/reply", form)).status_code == 303
    (again,) = await kept(hub)
    assert (again.id != file.id, again.name) == (True, "map.png"), "it waits with the next one"
    assert await went_out(hub) == []


async def test_only_shown_files_are_dropped(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana = await browse(ANA)
    path, _ = await submit(hub, ana, street.wages)
    page_before = await asked(hub, street.wages)
    await ana.post(f"{path}/withdraw")
    form = {"to": f"{street.wages.conversation_id}:{page_before[0]}", "text": "from an older page"}
    assert (await ana.post(f"/inbox/{street.wages.id}/reply", form)).status_code == 303
    (file,) = await kept(hub)
    await ana.post(f"/inbox/{street.wages.id}/reply", form | {"kept_shown": str(file.id)})
    assert await kept(hub) == []


async def test_its_writer_sends_file_and_quote_alone(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana = await browse(ANA)
    path, form = await submit(hub, ana, street.wages)
    async with hub.db.transaction() as session:
        (await session.scalars(sa.select(PendingReply))).one().decide_by = hub.now() - timedelta(seconds=1)
    assert (await ana.post(f"{path}/alone", form | {"reason": "The court waits."})).status_code == 303
    assert [content for *_, content in await went_out(hub) if content] == [PIXEL]


async def test_words_for_later_of_who_has_left_stay_in_the_case(hub: Hub, browse: NewBrowser, street: Street) -> None:
    """Nobody would see their draft: the words stand in the case, which waits for everybody, and the file can be sent."""
    ana, boris = await browse(ANA), await browse(BORIS)
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
        await session.execute(sa.update(Case).where(Case.id == street.urgent.id).values(waiting_since=None))
    tomorrow = f"{hub.now() + timedelta(days=1):%Y-%m-%dT09:00}"
    form = {"to": f"{talk.id}:{talk.last_seq}", "text": "Mâine la zece.", "send_at": tomorrow}
    await ana.get(f"/inbox/{street.urgent.id}")
    assert (await ana.post(f"/inbox/{street.urgent.id}/reply", form, files=FILE)).status_code == 303
    async with hub.db.transaction() as session:
        await staffing.disable(hub, session, street.admin, street.ana.id)
        await session.execute(sa.update(Case).where(Case.id == street.urgent.id).values(assignee_id=street.ana.id))
        await session.execute(sa.update(ScheduledReply).values(send_at=hub.now() - timedelta(minutes=1)))
    assert await later.send_due(hub) == 1
    async with hub.db.transaction() as session:
        case = await session.get_one(Case, street.urgent.id)
        assert (case.assignee_id, case.waiting_since is not None) == (None, True)
        event = (await session.scalars(sa.select(CaseEvent).where(CaseEvent.kind == "words_left"))).one()
        assert event.text == "Mâine la zece."
    page = (await boris.get(f"/inbox/{street.urgent.id}")).text
    assert "Unsent reply of an account that is switched off: Ana Petrova" in page
    assert "Mâine la zece." in page
    (file,) = await kept(hub)
    assert f'name="kept" value="{file.id}"' in " ".join(page.split())
    send = {"to": f"{talk.id}:{talk.last_seq}", "text": "Mâine la zece.", "kept": str(file.id)}
    assert (await boris.post(f"/inbox/{street.urgent.id}/reply", send)).status_code == 303
    async with hub.db.transaction() as session:
        seen = (await session.get_one(Conversation, talk.id)).last_seq
    again = await boris.post(f"/inbox/{street.urgent.id}/reply", send | {"to": f"{talk.id}:{seen}"})
    assert (again.status_code, "was sent or taken away meanwhile" in again.text) == (422, True)
    assert [content for *_, content in await went_out(hub)] == [PIXEL]
    assert await kept(hub) == []


async def test_what_a_reader_returns_to_who_has_left_stays_in_the_case(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path, _ = await submit(hub, ana, street.wages)
    async with hub.db.transaction() as session:
        await staffing.disable(hub, session, street.admin, street.ana.id)
        talk = await session.get_one(Conversation, street.wages.conversation_id)
        await Talk(session, talk, hub.now()).says("И какво сега?")
    await boris.get(f"/inbox/{street.wages.id}")
    assert (await boris.post(f"{path}/return", {"note": "not so"})).status_code == 303
    page = (await boris.get(f"/inbox/{street.wages.id}")).text
    assert "Unsent reply of an account that is switched off: Ana Petrova" in page
    assert "Files of a reply that was not sent:" in page
