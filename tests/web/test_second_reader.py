"""Replies on risky topics: who may send them, what waits, and that no words are lost or sent twice."""

import asyncio
import html
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from app import drafts, later, second_reader, teams
from app.errors import Conflict
from app.hub import Hub
from app.models import Case, CaseEvent, Conversation, Message, PendingReply, ScheduledReply, Setting
from app.risky import SECOND_READER
from app.web.changes import changes
from tests.web.cast import Talk, add_user
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

ANA, BORIS = "ana@example.org", "boris@example.org"
PART = {"hx-request": "true"}


@pytest.fixture(autouse=True)
async def rule(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=SECOND_READER, value={"topics": ["work.wage_unpaid", "safety.violence"], "hours": 2}))


async def last_seq(hub: Hub, case: Case) -> int:
    async with hub.db.transaction() as session:
        query = sa.select(sa.func.max(Message.seq)).where(Message.conversation_id == case.conversation_id)
        return await session.scalar(query) or 0


async def sent(hub: Hub, words: str) -> list[Message]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(Message).where(Message.text == words)))


async def pending(hub: Hub) -> PendingReply:
    async with hub.db.transaction() as session:
        return (await session.scalars(sa.select(PendingReply))).one()


async def write(hub: Hub, browser: Browser, case: Case, text: str, **more: str) -> httpx.Response:
    form = {"to": f"{case.conversation_id}:{await last_seq(hub, case)}", "text": text, **more}
    return await browser.post(f"/inbox/{case.id}/reply", form)


async def ask(hub: Hub, browser: Browser, case: Case, text: str = "Елате в понеделник в десет.") -> str:
    """The path of a reply that now waits."""
    assert (await write(hub, browser, case, text)).status_code == 303
    return f"/inbox/{case.id}/pending/{(await pending(hub)).id}"


async def person_writes(hub: Hub, case: Case, text: str) -> None:
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, case.conversation_id)
        await Talk(session, conversation, hub.now()).says(text, after=0)


async def test_a_reply_waits_and_a_second_person_sends_it(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    assert "A second person reads this before it is sent." in (await ana.get(f"/inbox/{street.wages.id}")).text
    path = await ask(hub, ana, street.wages)
    assert await sent(hub, "Елате в понеделник в десет.") == []
    mine = (await ana.get(f"/inbox/{street.wages.id}")).text
    assert "waits for a second reader" in mine
    assert "Read: send it" not in mine
    assert "To read for colleagues" not in mine, "one's own is nothing to read"
    page = (await boris.get("/inbox?view=all")).text
    assert "<span>To read for colleagues</span><b>1</b>" in page
    assert "Елате в понеделник" in (await boris.get("/inbox/to-read")).text
    seen = await last_seq(hub, street.wages)
    form = {"text": "Елате в понеделник в десет.", "seen": seen}
    for browser, step in ((ana, "release"), (ana, "return"), (boris, "withdraw"), (boris, "alone")):
        assert (await browser.post(f"{path}/{step}", form | {"note": "x"})).status_code == 403, step
    assert (await boris.post(f"{path}/release", form)).status_code == 303
    (message,) = await sent(hub, "Елате в понеделник в десет.")
    assert message.user_id == street.ana.id, "in the writer's name"
    page = (await ana.get(f"/inbox/{street.wages.id}")).text
    assert "Written by Ana Petrova, read by Boris Lange" in page
    assert "What Boris Lange changed" not in page
    assert (await boris.post(f"{path}/release", form)).status_code == 409


async def test_a_change_is_shown_word_by_word(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path = await ask(hub, ana, street.wages, "Come at ten.\nBring it.")
    form = {"text": "Come at nine.\r\nBring it.", "seen": await last_seq(hub, street.wages)}
    await boris.post(f"{path}/release", form)
    assert await sent(hub, "Come at nine.\nBring it.")
    page = html.unescape((await ana.get(f"/inbox/{street.wages.id}")).text)
    assert '<del><span class="visually-hidden">taken out: </span> ten.</del>' in page
    assert '<ins><span class="visually-hidden">put in: </span> nine.</ins>' in page


def test_words_that_changed() -> None:
    assert changes("a b c", "a x c") == [("same", "a"), ("gone", " b"), ("new", " x"), ("same", " c")]
    assert changes("a", "a") == [("same", "a")]
    assert changes("", "a b") == [("new", "a b")]


async def test_sent_back_with_a_note_the_words_are_a_draft_again(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path = await ask(hub, ana, street.wages)
    assert (await boris.post(f"{path}/return", {"note": " "})).status_code == 422
    await boris.post(f"{path}/return", {"note": "too hard, say it softer"})
    page = (await ana.get(f"/inbox/{street.wages.id}")).text
    assert "Елате в понеделник в десет.</textarea>" in page
    assert "too hard, say it softer" in page
    assert await sent(hub, "Елате в понеделник в десет.") == []


async def test_a_writer_takes_it_back(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana = await browse(ANA)
    path = await ask(hub, ana, street.wages)
    assert (await ana.post(f"{path}/withdraw")).status_code == 303
    assert "Елате в понеделник в десет.</textarea>" in (await ana.get(f"/inbox/{street.wages.id}")).text
    assert (await ana.post(f"{path}/withdraw")).status_code == 409


async def test_who_wrote_since_has_to_be_read_first(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path = await ask(hub, ana, street.wages)
    before = await last_seq(hub, street.wages)
    await person_writes(hub, street.wages, "Вече не е нужно!")
    page = (await boris.get(f"/inbox/{street.wages.id}")).text
    assert "Since then Gelbe Lerche 42 has written:" in page
    form = {"text": "Елате в понеделник в десет."}
    unseen = await boris.post(f"{path}/release", form | {"seen": before, "despite": "1"})
    undecided = await boris.post(f"{path}/release", form | {"seen": before + 1})
    assert (unseen.status_code, undecided.status_code) == (409, 409)
    assert "Read that first, then decide." in undecided.text
    await boris.post(f"{path}/release", form | {"seen": before + 1, "despite": "1"})
    assert len(await sent(hub, "Елате в понеделник в десет.")) == 1


async def test_two_readers_at_once_send_it_once(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris, chris = await browse(ANA), await browse(BORIS), await browse("chris@example.org")
    path = await ask(hub, ana, street.wages)
    form = {"text": "Елате в понеделник в десет.", "seen": await last_seq(hub, street.wages)}
    answers = await asyncio.gather(
        boris.post(f"{path}/release", form),
        chris.post(f"{path}/release", form),
        ana.post(f"{path}/withdraw"),
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    async with hub.db.transaction() as session:
        kept = await drafts.drafts_of(session, street.ana, street.wages.id)
    assert len(await sent(hub, "Елате в понеделник в десет.")) + len(kept) == 1


async def test_after_the_deadline_its_writer_may_send_it_alone(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana = await browse(ANA)
    path = await ask(hub, ana, street.wages)
    form = {"seen": await last_seq(hub, street.wages), "reason": "The court waits until noon."}
    assert (await ana.post(f"{path}/alone", form)).status_code == 409
    async with hub.db.transaction() as session:
        row = (await session.scalars(sa.select(PendingReply))).one()
        row.decide_by = hub.now() - timedelta(seconds=1)
    assert "Send it alone" in (await ana.get(f"/inbox/{street.wages.id}")).text
    assert (await ana.post(f"{path}/alone", form | {"reason": " "})).status_code == 422
    assert (await ana.post(f"{path}/alone", form)).status_code == 303
    assert len(await sent(hub, "Елате в понеделник в десет.")) == 1
    page = (await ana.get(f"/inbox/{street.wages.id}")).text
    assert "Sent without a second reader: Ana Petrova" in page
    assert "The court waits until noon." in page


async def test_danger_may_go_at_once_and_that_is_logged(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana = await browse(ANA)
    assert "Danger: send at once" in (await ana.get(f"/inbox/{street.urgent.id}")).text
    assert "Danger: send at once" not in (await ana.get(f"/inbox/{street.wages.id}")).text
    assert (await write(hub, ana, street.wages, "no", at_once="1")).status_code == 409
    assert (await write(hub, ana, street.urgent, "Sunați la 110!", at_once="1")).status_code == 303
    assert len(await sent(hub, "Sunați la 110!")) == 1
    async with hub.db.transaction() as session:
        assert await session.scalar(sa.select(CaseEvent).where(CaseEvent.kind == "read_danger"))


async def test_nothing_goes_round_the_reader(hub: Hub, browse: NewBrowser, street: Street) -> None:
    """Neither later nor through a closed case."""
    ana = await browse(ANA)
    when = f"{hub.now() + timedelta(days=2):%Y-%m-%dT09:30}"
    assert (await write(hub, ana, street.wages, "later", send_at=when)).status_code == 409
    await ask(hub, ana, street.wages)
    await ana.post(f"/inbox/{street.wages.id}/close", {"outcome": "solved"})
    assert (await pending(hub)).status == "withdrawn"
    async with hub.db.transaction() as session:
        assert await drafts.drafts_of(session, street.ana, street.wages.id)


async def test_what_was_to_be_sent_later_comes_back_when_the_topic_became_risky(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        row = ScheduledReply(
            case_id=street.wages.id, conversation_id=street.wages.conversation_id, user_id=street.ana.id,
            text="kept", seen_seq=999, send_at=hub.now() - timedelta(seconds=1),
        )  # fmt: skip
        session.add(row)
    await later.send_due(hub)
    async with hub.db.transaction() as session:
        assert (await drafts.drafts_of(session, street.ana, street.wages.id))["reply"] == "kept"
    assert await sent(hub, "kept") == []


async def test_an_unassigned_case_is_its_writers_and_news_stop_it(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        with pytest.raises(Conflict):
            await second_reader.submit(
                hub, session, street.ana, street.urgent.id,
                conversation_id=street.urgent.conversation_id, text="x", seen_seq=0,
            )  # fmt: skip
    async with hub.db.transaction() as session:
        await second_reader.submit(
            hub, session, street.ana, street.urgent.id,
            conversation_id=street.urgent.conversation_id, text="x", seen_seq=2,
        )  # fmt: skip
        assert (await session.get_one(Case, street.urgent.id)).assignee_id == street.ana.id


async def test_only_who_sees_the_case_sees_what_waits(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        outsider = await add_user(session, "Otto Outsider")
        form = teams.Form("Elsewhere", "", {"wuppertal"}, {outsider.id})
        await teams.create(session, hub.shelf.library, street.admin, form)
    ana, otto = await browse(ANA), await browse("otto@example.org")
    path = await ask(hub, ana, street.wages)
    assert "Nothing waits." in (await otto.get("/inbox/to-read")).text
    form_ = {"text": "x", "seen": await last_seq(hub, street.wages)}
    assert (await otto.post(f"{path}/release", form_)).status_code == 404
    wrong_case = path.replace(f"/inbox/{street.wages.id}/", f"/inbox/{street.urgent.id}/")
    assert (await (await browse(BORIS)).post(f"{wrong_case}/release", form_)).status_code == 404


async def test_coordinators_choose_the_topics(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse(BORIS)
    page = (await boris.get("/admin/second-reader")).text
    assert page.count("checked") == 2
    good = {"topics": ["debt.counselling"], "hours": "4"}
    for bad in ({"topics": ["poetry"]}, {"hours": "3"}, {"hours": ""}):
        assert (await boris.post("/admin/second-reader", good | bad)).status_code == 422
    assert (await boris.post("/admin/second-reader", good)).status_code == 303
    assert (await boris.get("/admin/second-reader")).text.count("checked") == 1
    assert (await (await browse(ANA)).get("/admin/second-reader")).status_code == 403
    assert (await write(hub, await browse(ANA), street.wages, "goes at once")).status_code == 303
    assert len(await sent(hub, "goes at once")) == 1
