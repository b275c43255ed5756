"""What colleagues wrote about a person goes with the person: on the desk, in the audit, and in a backup that is restored."""

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, drafts, later, privacy, revealing
from app.models import (
    Address,
    Alert,
    AuditEntry,
    Base,
    Case,
    CaseClaim,
    CaseRead,
    CaseShare,
    Consent,
    Contact,
    Conversation,
    Fact,
    Gap,
    Mediation,
    Memory,
    Mention,
    Message,
    PendingReply,
    Presence,
    Push,
    PushSubscription,
    Reading,
    Team,
    User,
    WritingChoice,
)  # fmt: skip
from app.pace import rate_key
from channels.base import MediaFile
from tests.journeys.test_delete import everything
from tests.journeys.test_handover import asks_for_a_human
from tests.stage import Stage, heed_rates

SECRET = "secret-4711"
ABOUT_A_PERSON = {"cases", "contacts", "addresses", "conversations", "messages", "case_events", "scheduled_replies"}


def hangs_on_a_person() -> set[str]:
    """Every table that refers to a person, directly or by way of others."""
    found = set(ABOUT_A_PERSON)
    tables = Base.metadata.tables.values()
    while more := {t.name for t in tables if {fk.column.table.name for fk in t.foreign_keys} & found} - found:
        found |= more
    return found


async def write_everywhere(stage: Stage, session: AsyncSession, ana: User, case: Case) -> None:
    """A row in every such table, with the secret wherever people write."""
    hub, now = stage.hub, stage.clock.now
    message = (await session.scalars(sa.select(Message).where(Message.direction == "in").limit(1))).one()
    talk = await session.get_one(Conversation, case.conversation_id)
    contact = await session.get_one(Contact, case.contact_id)
    contact.blocked_reason = SECRET
    note = await cases.note(hub, session, ana, case.id, SECRET)
    await drafts.save_draft(session, ana, case.id, "reply", SECRET)
    await later.schedule(
        hub, session, ana, case.id, conversation_id=talk.id, text=SECRET, seen_seq=talk.last_seq,
        send_at=now + timedelta(days=1), files=[MediaFile(SECRET.encode(), "text/plain", SECRET)],
    )  # fmt: skip
    await revealing.reveal(hub, session, ana, case.id, talk.address_id, reason="other", words=SECRET)
    team = Team(slug="t", name="T")
    browser = PushSubscription(user_id=ana.id, endpoint="https://push.example.org/1", keys={})
    session.add_all([team, browser])
    await session.flush()
    about: dict[str, Any] = {"case_id": case.id, "user_id": ana.id}
    session.add_all([
        PendingReply(**about, conversation_id=talk.id, text=SECRET, sent_text=SECRET, seen_seq=1, decide_by=now),
        Mention(**about, event_id=note.id),
        CaseRead(**about, seen_at=now),
        Presence(**about),
        CaseClaim(**about, until=now),
        CaseShare(**about, team_id=team.id),
        Push(subscription_id=browser.id, case_id=case.id),
        Alert(case_id=case.id, way="email", reason="danger"),
        Fact(contact_id=contact.id, key="children", value=SECRET, flow="f"),
        Gap(message_id=message.id, language="bg"),
        Consent(contact_id=contact.id, address_id=talk.address_id, user_id=ana.id, said_by=SECRET, given_on=now.date(),
                how="by_phone"),
        Reading(message_id=message.id, language="en", text=SECRET, origin="machine", route=["bg", "de"]),
        Mediation(**about, conversation_id=talk.id, kind="reply", language="bg", original=SECRET, draft=SECRET,
                  final=SECRET, note=SECRET, seen_seq=1),
        Memory(source="de", target="bg", key="k", sentence=SECRET, text=SECRET, draft=SECRET, origin="edit",
               message_id=message.id),
        WritingChoice(**about, translates=False),
    ])  # fmt: skip


async def desk_of_a_person(stage: Stage) -> tuple[User, Case]:
    ana = await stage.staff()
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await stage.after(person.sends_voice(b"OggS"))
    async with stage.hub.db.transaction() as session:
        await write_everywhere(stage, session, ana, await session.get_one(Case, case_id))
    return ana, (await stage.cases())[0]


async def check_gone(stage: Stage, but: set[str]) -> None:
    left = await everything(stage)
    assert {table for table in hangs_on_a_person() if left[table]} <= but
    assert SECRET not in json.dumps(left, ensure_ascii=False)
    (reveal,) = [row for row in left["audit"] if row["kind"] == "revealed"]
    assert reveal["data"]["why"] == "other"  # that somebody looked stays


async def test_nothing_of_the_desk_outlives_the_person(stage: Stage) -> None:
    _, case = await desk_of_a_person(stage)
    before = await everything(stage)
    empty = {table for table in hangs_on_a_person() if not before[table]}
    assert empty <= {"address_aliases"}, "this test fills every table"
    await privacy.erase(stage.hub, case.contact_id, "bg")
    await check_gone(stage, set())


async def test_nor_a_restored_backup(stage: Stage) -> None:
    await heed_rates(stage.hub)
    await desk_of_a_person(stage)
    (address,) = await stage.rows(sa.select(Address))
    line = {"channel": address.channel_id, "lookup": address.lookup.hex(), "at": "2999-01-01T00:00:00+00:00"}
    assert await privacy.replay_erasures(stage.hub.db, [line]) == 1
    async with stage.hub.db.transaction() as session:
        assert await session.scalar(sa.select(AuditEntry.id).where(AuditEntry.data["words"].astext == SECRET)) is None
    await check_gone(stage, set())
    assert rate_key(address.id) not in {row["key"] for row in (await everything(stage))["rate_limits"]}
