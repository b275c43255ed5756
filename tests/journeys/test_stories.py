"""Three families, from the first message to the closed case: what they write, what they read, what their colleague sees."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, replying, street
from app.hub import Hub
from app.inbox import Thread, thread
from app.models import Case, Conversation, User
from flows.services import TIMEZONE
from tests.phones import Phones, heard
from tests.stage import Stage


async def colleague(hub: Hub) -> User:
    user = User(email="ana@example.org", name="Ana", role="streetworker", password_hash="!")
    async with hub.db.transaction() as session:
        session.add(user)
    return user


async def answers(hub: Hub, user: User, case: Case, text: str) -> None:
    """As the inbox does it: take the case, read the thread, write back."""
    async with hub.db.transaction() as session:
        await cases.take(hub, session, user, case.id)
        seen = await _newest(session, case.contact_id)
        await replying.reply(
            hub, session, user, case.id, conversation_id=case.conversation_id, text=text, seen_seq=seen
        )


async def closes(hub: Hub, user: User, case: Case) -> None:
    async with hub.db.transaction() as session:
        await cases.close(hub, session, user, case.id)


async def sees(hub: Hub, user: User, case: Case) -> Thread:
    async with hub.db.transaction() as session:
        return await thread(session, user, case.id)


async def _newest(session: AsyncSession, contact_id: int) -> int:
    return (
        await session.scalar(sa.select(sa.func.max(Conversation.last_seq)).where(Conversation.contact_id == contact_id))
        or 0
    )


def facts(seen: Thread) -> dict[str, Any]:
    return seen.facts


async def test_a_mother_of_two_has_a_kita_place_but_no_school_place(phones: Phones) -> None:
    """WhatsApp, Bulgarian in Latin letters. Weeks later she is known."""
    mother = phones.whatsapp.person()
    first = await phones.says(mother, "zdravejte, golemiat mi sin na 9 nqma mqsto v uchilishte, nikoi ne go priema")
    assert any("Schul" in text or "училищ" in text for text in first)
    place = next(choice for _, choice in mother.sent[-1].buttons if choice == "place:wuppertal")
    await mother.presses(mother.sent[-1], place)
    await phones.run()
    await mother.presses(mother.sent[-1], "flow:kita_school")
    await phones.run()
    steps = await phones.says(mother, "na 4 i na 9 godini")
    together = "\n".join(steps)
    assert "kinderbetreuungsportal.wuppertal.de" in together, "for the one of 4"
    assert "Mein Kind braucht einen Schulplatz" in together, "for the one of 9"
    await phones.says(mother, "da")
    (case,) = await phones.cases()
    assert set(case.needs) >= {"education.kita_place", "education.school_registration"}
    ana = await colleague(phones.hub)
    seen = await sees(phones.hub, ana, case)
    assert facts(seen)["child_ages"] == [4, 9]
    assert case.place == "wuppertal"
    await answers(phones.hub, ana, case, "Ще дойда с Вас в понеделник.")
    await phones.run()
    assert heard(mother)[-1] == "Ще дойда с Вас в понеделник."
    assert await phones.says(mother, "blagodarq mnogo") == [], "the colleague has it"
    await closes(phones.hub, ana, case)

    await phones.later(days=21)
    await phones.says(mother, "zdravejte pak az sym", "iskam da govorq s chovek")
    again = (await phones.cases())[-1]
    assert again.id != case.id
    assert again.contact_id == case.contact_id
    known = await sees(phones.hub, ana, again)
    assert facts(known)["child_ages"] == [4, 9]
    assert any(item.message and item.message.text == "Ще дойда с Вас в понеделник." for item in known.items)
    assert [item.event.kind for item in known.items if item.event].count("closed") == 1, "what was done before"
    await closes(phones.hub, ana, again)


async def test_a_family_scans_the_code_at_the_playground(stage: Stage) -> None:
    """Telegram, Romanian, Weißenfels: free places, school, house rules; nobody is blamed."""
    async with stage.hub.db.transaction() as session:
        code = await street.make_code(session, street.Entry("weissenfels", "ro", "flow:afternoon", "playground"))
    family = stage.telegram.person(language_code=None)
    said = [each.text for each in await stage.after(family.starts(code))]
    sent = await stage.says(family, "5 si 8 ani")
    said += [each.text for each in sent]
    sent = await stage.after(family.presses(sent[-1], next(a for _, a in sent[-1].buttons if a.endswith(":no"))))
    said += [each.text for each in sent]
    while not await stage.cases():
        choices = [action for _, action in sent[-1].buttons]
        wanted = next(a for end in (":visit", ":person", ":come", ":yes") for a in choices if a.endswith(end))
        sent = await stage.after(family.presses(sent[-1], wanted))
        said += [each.text for each in sent]
    together = "\n".join(said)
    assert "școală" in together
    assert not any(word in together for word in ("vina", "interzis", "amendă", "rușine"))
    (case,) = await stage.cases()
    assert case.place == "weissenfels"
    ana = await stage.staff()
    seen = await sees(stage.hub, ana, case)
    assert facts(seen)["child_ages"] == [5, 8]
    await answers(stage.hub, ana, case, "Venim joi la locul de joacă.")
    await stage.work()
    assert stage.sent()[-1].text == "Venim joi la locul de joacă."
    await closes(stage.hub, ana, case)
    assert (await stage.conversation()).mode == "bot"


async def test_a_worker_in_a_meat_plant_is_not_paid_then_dismissed_and_has_debts(phones: Phones) -> None:
    """SMS, Romanian without diacritics: the court's last day is said, the case is urgent, three needs are on it."""
    worker = phones.twilio.person()
    offered = await phones.says(worker, "lucrez la abator si nu mi-au platit salariul de 2 luni")
    assert "1" in offered[-1], "the wage, or work for an agency?"
    await phones.says(worker, "1")
    await phones.says(worker, "am si datorii la telefon si la banca, ce sa fac cu datoriile")
    sent = await phones.says(worker, "acum m-au dat afara fara preaviz acum 19 zile cu scrisoare")
    sent += await phones.says(worker, "1")
    today = phones.clock.now.astimezone(TIMEZONE).date()
    (case,) = await phones.cases()
    assert case.urgency == "urgent"
    assert {"work.wage_unpaid", "work.dismissal"} <= set(case.needs)
    assert {"debt.counselling", "debt.collection_letter"} & set(case.needs)
    assert case.deadline is not None
    assert 0 <= (case.deadline - today).days <= 7
    assert any(f" {case.deadline.day} " in text and "Arbeitsgericht" in text for text in sent), "the date is said"
    ana = await colleague(phones.hub)
    seen = await sees(phones.hub, ana, case)
    assert date.fromisoformat(facts(seen)["letter_date"]) < today
    await answers(phones.hub, ana, case, "Ne vedem maine la 9.")
    await phones.run()
    assert heard(worker)[-1] == "Ne vedem maine la 9."
    await closes(phones.hub, ana, case)
