"""What people do with a case, through its pages: plain forms and the parts that htmx gets."""

import html
from datetime import timedelta

import sqlalchemy as sa

from app.hub import Hub
from app.models import Case, Conversation, Draft, Message, ScheduledReply
from tests.web.cast import PIXEL, Talk, attach
from tests.web.conftest import NewBrowser
from tests.web.street import Street

PART = {"hx-request": "true"}


async def case_now(hub: Hub, case_id: int) -> Case:
    async with hub.db.transaction() as session:
        return await session.get_one(Case, case_id)


async def test_a_case_is_snoozed_and_woken(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}"
    assert (await browser.post(f"{path}/snooze", {"until": "reply"})).headers["location"] == path
    page = (await browser.get(path)).text
    assert "Snoozed until the person writes" in page
    assert "Wake up" in page
    assert (await browser.post(f"{path}/wake")).status_code == 303
    day = (hub.now() + timedelta(days=3)).date()
    part = await browser.post(f"{path}/snooze", {"until": "date", "day": str(day)}, headers=PART)
    assert "Snoozed until" in part.text
    assert 'id="case-live"' in part.text
    assert (await case_now(hub, street.wages.id)).status == "snoozed"


async def test_bad_moments_are_refused_in_words(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}/snooze"
    for form, words in (
        ({"until": "date", "day": "2001-01-01"}, "This moment must lie ahead"),
        ({"until": "date", "day": "soon"}, "Please choose a day."),
        ({"until": "date", "day": ""}, "Please choose a day."),
        ({}, "Please choose until when."),
    ):
        answer = await browser.post(path, form)
        assert answer.status_code == 422
        assert words in answer.text
    assert (await case_now(hub, street.wages.id)).status == "open"


async def test_a_case_is_handed_over_and_found_in_mine(browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    path = f"/inbox/{street.wages.id}/assign"
    form = {"colleague": street.boris.id, "seen": street.ana.id, "note": "please call on Monday"}
    assert (await ana.post(path, form)).status_code == 303
    assert "Gelbe Lerche 42" in (await boris.get("/inbox?view=mine")).text
    page = (await boris.get(f"/inbox/{street.wages.id}")).text
    assert "→ Boris Lange" in page
    assert "please call on Monday" in page
    late = await ana.post(path, form | {"colleague": street.admin.id})
    assert late.status_code == 409


async def test_closing_needs_an_outcome_and_shows_it(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}"
    assert "Ask the person whether it helped" in (await browser.get(path)).text
    refused = await browser.post(f"{path}/close")
    assert refused.status_code == 422
    assert "Please say what came of it." in refused.text
    assert (await browser.post(f"{path}/close", {"outcome": "referred", "ask": "1"})).headers["location"] == path
    page = html.unescape((await browser.get(path)).text)
    assert "Closed: Ana Petrova · referred" in page
    assert "The person is asked whether it helped" in page
    assert "Помогнахме ли Ви?" in page
    async with hub.db.transaction() as session:
        case = await session.get_one(Case, street.wages.id)
        case.helped = False
    assert "The person says: it did not help" in (await browser.get(path)).text


async def test_tags(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}"
    await browser.post(f"{path}/tag", {"name": "<b>tour</b>"})
    page = (await browser.get(path)).text
    assert "Remove the tag &lt;b&gt;tour" in page
    await browser.post(f"{path}/untag", {"name": "<b>tour</b>"})
    assert "Remove the tag" not in (await browser.get(path)).text


async def test_drafts_are_kept_per_colleague_until_sent(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    path = f"/inbox/{street.urgent.id}"
    for kind, words in (("reply", "half a reply"), ("reply", "a whole reply"), ("note", "half a note")):
        assert (await ana.post(f"{path}/draft", {"kind": kind, "text": words})).status_code == 204
    page = (await ana.get(path)).text
    assert "a whole reply</textarea>" in page
    assert "half a note</textarea>" in page
    assert "a whole reply" not in (await boris.get(path)).text
    to = f"{street.urgent.conversation_id}:2"
    sent = await ana.post(f"{path}/reply", {"to": to, "text": "a whole reply"}, headers=PART)
    assert "half a note</textarea>" in sent.text
    await ana.post(f"{path}/note", {"text": "a note"})
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(Draft))).all() == []
    assert (await ana.post(f"{path}/draft", {"kind": "reply", "text": " "})).status_code == 204
    assert (await ana.post(f"{path}/draft", {"kind": "poem", "text": "x"})).status_code == 422
    assert (await ana.post("/inbox/999999/draft", {"kind": "reply", "text": "x"})).status_code == 404


async def test_a_reply_for_later_waits_in_the_thread(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}"
    when = f"{hub.now() + timedelta(days=2):%Y-%m-%dT09:30}"
    form = {"to": f"{street.urgent.conversation_id}:2", "text": "La revedere", "send_at": when}
    assert (await browser.post(f"{path}/reply", form)).headers["location"] == path
    page = (await browser.get(path)).text
    assert "later-waits" in page
    assert "09:30" in page
    async with hub.db.transaction() as session:
        row = await session.scalar(sa.select(ScheduledReply))
        assert row is not None
        assert (await session.scalar(sa.select(Message).where(Message.text == "La revedere"))) is None
    assert (await browser.post(f"{path}/later/{row.id}/cancel")).headers["location"] == path
    page = (await browser.get(path)).text
    assert "later-waits" not in page
    assert "La revedere</textarea>" in page  # the words came back
    past = await browser.post(f"{path}/reply", form | {"send_at": "2001-01-01T08:00"})
    assert past.status_code == 422
    assert "La revedere</textarea>" in past.text
    unread = await browser.post(f"{path}/reply", form | {"to": f"{street.urgent.conversation_id}:0"})
    assert unread.status_code == 409


async def test_messages_that_did_not_arrive_can_be_settled(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}"
    page = (await browser.get(path)).text
    assert page.count("Send again") == 2
    assert page.count("It arrived") == 2
    async with hub.db.transaction() as session:
        bad = {m.status: m.id for m in await session.scalars(sa.select(Message).where(Message.error.is_not(None)))}
    assert (await browser.post(f"{path}/messages/{bad['failed']}/again")).status_code == 303
    part = await browser.post(f"{path}/messages/{bad['uncertain']}/arrived", headers=PART)
    assert "Send again" not in part.text
    assert "Message did arrive: Ana Petrova" in part.text
    assert (await browser.post(f"{path}/messages/{bad['failed']}/again")).status_code == 409
    other = f"/inbox/{street.urgent.id}/messages/{bad['failed']}/again"
    assert (await browser.post(other)).status_code == 404


async def test_a_failed_message_goes_another_way_once(hub: Hub, browse: NewBrowser, street: Street) -> None:
    case = street.two_ways
    async with hub.db.transaction() as session:
        talks = list(
            await session.scalars(
                sa.select(Conversation).where(Conversation.contact_id == case.contact_id).order_by(Conversation.id)
            )
        )
        sent = await Talk(session, talks[1], hub.now()).staff(
            street.ana, "Завтра о десятій.", status="failed", error="undeliverable"
        )
        other, number = talks[0].id, sent.id
    browser = await browse("ana@example.org")
    page = await browser.get(f"/inbox/{case.id}")
    assert "Send by web chat" in page.text.replace("Web chat", "web chat")
    path = f"/inbox/{case.id}/messages/{number}/other-way"
    assert (await browser.post(path, {"conversation": str(other)})).status_code == 303
    assert (await browser.post(path, {"conversation": str(other)})).status_code == 409
    async with hub.db.transaction() as session:
        rows = list(await session.scalars(sa.select(Message).where(Message.text == "Завтра о десятій.")))
        assert [row.conversation_id for row in sorted(rows, key=lambda row: row.id)] == [talks[1].id, other]
        assert (await session.get_one(Case, case.id)).conversation_id == other


async def test_what_the_person_deleted_is_not_shown(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
        gone = await Talk(session, talk, hub.now()).says(None, "photo", payload={"revoked": True})
        number = (await attach(gone, session, PIXEL, "image/png")).id
    page = await (await browse("ana@example.org")).get(f"/inbox/{street.urgent.id}")
    assert "The person has deleted this message." in page.text
    assert f"/media-file/{number}" not in page.text
