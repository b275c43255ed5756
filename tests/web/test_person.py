"""The panel of a person through its pages: what it shows, what staff put right, addresses in clear, blocks."""

import html
from datetime import timedelta

import sqlalchemy as sa

from app.channels_admin import add_channel
from app.facts import facts_of, learn
from app.hub import Hub
from app.models import AuditEntry, Case, CaseEvent, Contact, Conversation, Message
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street

PART = {"hx-request": "true"}


async def case_now(hub: Hub, case_id: int) -> Case:
    async with hub.db.transaction() as session:
        return await session.get_one(Case, case_id)


async def kinds(hub: Hub, case_id: int) -> list[str]:
    async with hub.db.transaction() as session:
        query = sa.select(CaseEvent.kind).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)
        return list(await session.scalars(query))


async def test_the_panel_shows_the_person_masked(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = html.unescape((await browser.get(f"/inbox/{street.wages.id}/person")).text)
    for words in (
        "Gelbe Lerche 42",
        "Bulgarian",
        "Weißenfels",
        "… 0300",
        "main need",
        "Wages not paid",
        "version 3",
        "No signature on the contract.",
        "This is the first.",
        "Put into the answer",
    ):
        assert words in page, words
    assert "100200300" not in page
    part = (await browser.get(f"/inbox/{street.wages.id}/person", **HTMX)).text
    assert part.lstrip().startswith('<div id="person"')


async def test_an_address_is_shown_once_for_a_reason(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}/person"
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.wages.conversation_id)
        other = await session.get_one(Conversation, street.urgent.conversation_id)
    await browser.get(path)
    for reason, words in (
        ("", "Please say why you need the address."),
        ("other", "Please say in your own words"),
    ):
        refused = await browser.post(f"{path}/reveal", {"address": talk.address_id, "reason": reason})
        assert refused.status_code == 422
        assert words in refused.text
        assert "100200300" not in refused.text
    form = {"address": talk.address_id, "reason": "call", "words": "the hospital asks"}
    shown = await browser.post(f"{path}/reveal", form)
    assert "100200300" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    part = (await browser.post(f"{path}/reveal", form, headers=PART)).text
    assert "100200300" in part
    assert "person-live" not in part  # or its news would take the address away at once
    assert "100200300" not in (await browser.get(path)).text
    thread = html.unescape((await browser.get(f"/inbox/{street.wages.id}")).text)
    assert "Address shown: Ana Petrova: Telegram, to call the person" in thread
    assert "the hospital asks" not in thread
    foreign = await browser.post(f"{path}/reveal", {"address": other.address_id, "reason": "call"})
    assert foreign.status_code == 404
    async with hub.db.transaction() as session:
        entries = (await session.scalars(sa.select(AuditEntry).where(AuditEntry.kind == "revealed"))).all()
    assert [entry.data for entry in entries] == [
        {"address": talk.address_id, "why": "call", "words": "the hospital asks"}
    ] * 2


async def test_needs_are_added_ordered_and_removed(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}/person"
    await browser.get(path)
    assert (await browser.post(f"{path}/need", {"topic": "work.dismissal"})).headers["location"] == path
    await browser.post(f"{path}/need", {"topic": "work.dismissal", "do": "main"})
    part = await browser.post(f"{path}/need", {"topic": "work.no_contract", "do": "remove"}, headers=PART)
    assert 'id="person"' in part.text
    assert (await case_now(hub, street.wages.id)).needs == ["work.dismissal", "work.wage_unpaid"]
    assert (await kinds(hub, street.wages.id))[-3:] == ["need_added", "need_main", "need_removed"]
    wrong = await browser.post(f"{path}/need", {"topic": "work.nothing"})
    assert wrong.status_code == 422
    assert "There is no such topic." in wrong.text
    late = await browser.post(f"{path}/need", {"topic": "work.no_contract", "do": "main"})
    assert late.status_code == 409


async def test_a_deadline_counts_down_and_tells_its_source(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.wages.id}/person"
    await browser.get(path)
    far, near = (hub.today + timedelta(days=days) for days in (20, 3))
    await browser.post(f"{path}/deadline", {"day": str(far)})
    page = (await browser.get(path)).text
    assert "in 20 days" in page or "in 19 days" in page  # the database's and Berlin's midnight differ
    assert "Entered by Ana Petrova" in page
    assert (await case_now(hub, street.wages.id)).urgency == "normal"
    stale = await browser.post(f"{path}/deadline", {"day": str(near)})
    assert stale.status_code == 409
    await browser.post(f"{path}/deadline", {"day": str(near), "seen": str(far)})
    assert (await case_now(hub, street.wages.id)).urgency == "urgent"
    past = await browser.post(f"{path}/deadline", {"day": "2001-01-01", "seen": str(near)})
    assert "The deadline must lie ahead." in past.text
    await browser.post(f"{path}/deadline", {"seen": str(near)})
    assert (await case_now(hub, street.wages.id)).deadline is None
    assert (await kinds(hub, street.wages.id))[-4:] == ["deadline_set", "deadline_set", "raised", "deadline_removed"]
    async with hub.db.transaction() as session:
        await learn(session, street.wages.contact_id, "court_until", str(far), "dismissal")
        (await session.get_one(Case, street.wages.id)).deadline = far
    page = (await browser.get(path)).text
    assert "From the dialogue: Last day for the court" in page
    await browser.post(f"{path}/forget", {"fact": "court_until"})
    async with hub.db.transaction() as session:
        assert await facts_of(session, street.wages.contact_id) == {}
    assert "From what the person wrote" in (await browser.get(path)).text
    assert "deleted: Ana Petrova: Last day for the court" in (await browser.get(f"/inbox/{street.wages.id}")).text


async def test_urgency_changes_with_a_reason(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}/person"
    await browser.get(path)
    assert (await browser.post(f"{path}/urgency", {"urgent": "0", "reason": " "})).status_code == 422
    await browser.post(f"{path}/urgency", {"urgent": "0", "reason": "She is safe with her sister"})
    case = await case_now(hub, street.urgent.id)
    assert (case.urgency, case.danger) == ("normal", [])
    assert "She is safe with her sister" in (await browser.get(f"/inbox/{street.urgent.id}")).text
    await browser.post(f"{path}/urgency", {"urgent": "1", "reason": "He came back"})
    assert (await case_now(hub, street.urgent.id)).urgency == "urgent"


async def test_language_and_place_are_corrected_everywhere(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.two_ways.id}/person"
    await browser.get(path)
    await browser.post(f"{path}/language", {"language": "ro"})
    await browser.post(f"{path}/place", {"place": "wuppertal"})
    async with hub.db.transaction() as session:
        query = sa.select(Conversation).where(Conversation.contact_id == street.two_ways.contact_id)
        talks = (await session.scalars(query)).all()
    assert [(t.language, t.script, t.state["language_chosen"], t.place) for t in talks] == [
        ("ro", "Latn", "ro", "wuppertal")
    ] * 2
    assert (await case_now(hub, street.two_ways.id)).place == "wuppertal"
    await browser.post(f"{path}/language", {"language": "ru"})
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, talks[0].id)
    assert (talk.language, talk.state.get("language_chosen")) == ("ru", None)
    assert (await browser.post(f"{path}/language", {"language": "xx"})).status_code == 422
    assert (await browser.post(f"{path}/place", {"place": "atlantis"})).status_code == 422


async def test_the_phone_shows_and_sends_nothing(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.get(f"/inbox/{street.wages.id}/person/phone")).text
    assert "dobar den, shefat" in page
    assert "Искам човек" in page
    assert "No signature" not in page  # notes are the team's
    assert "/simulator/messages" not in page
    assert "100200300" not in page
    foreign = f"/inbox/{street.wages.id}/person/phone?conversation={street.urgent.conversation_id}"
    assert (await browser.get(foreign)).status_code == 404


async def test_coordinators_block_until_a_day(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    path = f"/inbox/{street.two_ways.id}/person"
    assert "Block this person" not in (await ana.get(path)).text
    assert "Block this person" in (await boris.get(path)).text
    day = hub.today + timedelta(days=5)
    assert (await ana.post(f"{path}/block", {"day": str(day), "reason": "threats"})).status_code == 403
    assert (await boris.post(f"{path}/block", {"day": "2001-01-01", "reason": "threats"})).status_code == 422
    assert (await boris.post(f"{path}/block", {"day": str(day), "reason": " "})).status_code == 422
    await boris.post(f"{path}/block", {"day": str(day), "reason": "threats"})
    assert (await case_now(hub, street.two_ways.id)).waiting_since is None
    assert "Blocked until" in (await ana.get(path)).text
    assert "Blocked</span>" in (await ana.get("/inbox?view=all")).text
    assert "Person blocked: Boris Lange, until the end of" in (await ana.get(f"/inbox/{street.two_ways.id}")).text
    await boris.post(f"{path}/unblock")
    async with hub.db.transaction() as session:
        contact = await session.get_one(Contact, street.two_ways.contact_id)
    assert (contact.blocked_until, contact.blocked_reason) == (None, None)
    assert (await boris.post(f"{path}/unblock")).status_code == 409


async def test_closed_cases_are_opened_again_or_followed_by_a_new_one(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.closed.id}"
    assert "Open a new case" in (await browser.get(path)).text
    made = (await browser.post(f"{path}/open-new")).headers["location"]
    assert made != path
    page = html.unescape((await browser.get(made)).text)
    assert "Case opened: Ana Petrova: opened by the team" in page
    assert "Kita" in html.unescape((await browser.get(f"{made}/person")).text)  # the earlier case
    assert (await browser.post(f"{path}/open-again")).status_code == 409
    assert (await browser.post(f"{path}/open-new")).status_code == 409
    await browser.post(f"{made}/close", {"outcome": "other"})
    assert (await browser.post(f"{path}/open-again")).headers["location"] == path
    case = await case_now(hub, street.closed.id)
    assert (case.status, case.assignee_id, case.closed_at) == ("open", street.ana.id, None)
    async with hub.db.transaction() as session:
        assert (await session.get_one(Conversation, case.conversation_id)).mode == "human"
        assert (await session.scalar(sa.select(sa.func.count()).where(Message.status == "queued"))) == 0


async def test_write_first_keeps_what_was_typed(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        await add_channel(
            session,
            hub.vault,
            "sms",
            "stadt-sms",
            secret_values={"account_sid": "AC1", "auth_token": "x"},
            options={"from": "+4915112345678"},
        )
    await hub.registry.load()
    browser = await browse("ana@example.org")
    assert "stadt-sms" in (await browser.get("/inbox/new")).text
    form = {
        "channel": "stadt-sms", "number": "12", "language": "bg", "place": "weissenfels", "said_by": "she herself",
        "day": str(hub.today), "how": "in_person", "text": "Среща в понеделник",
    }  # fmt: skip
    refused = await browser.post("/inbox/new", form)
    assert refused.status_code == 422
    assert "This is not a phone number." in refused.text
    assert "Среща в понеделник</textarea>" in refused.text
    made = (await browser.post("/inbox/new", form | {"number": "0171 1234567"})).headers["location"]
    page = html.unescape((await browser.get(made)).text)
    assert "Consent noted: Ana Petrova" in page
    assert "1234567" not in page
    panel = (await browser.get(f"{made}/person")).text
    assert "she herself" in panel
    again = await browser.post("/inbox/new", form | {"number": "+49 171 1234567"})
    assert again.status_code == 409
    assert "This person already has an open case." in again.text
