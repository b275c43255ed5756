"""Danger: numbers at once, a human at once, whatever else is going on; and nothing that a lock screen should not show."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app import alerts, cases
from app.models import Alert, CaseEvent, Setting
from tests.app.mail import Mailbox, mail_server
from tests.journeys.test_first_contact import texts
from tests.journeys.test_handover import asks_for_a_human, take
from tests.stage import Stage
from translations.phrases import phrase

VIOLENCE = {
    "bg": "мъжът ми ме бие",
    "ro": "sotul meu ma bate",
    "uk": "чоловік мене б'є",
    "ru": "муж меня бьёт",
    "tr": "kocam beni dövüyor",
    "de": "mein mann schlägt mich",
}
STAFF_CHAT = -4_100_200


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
async def alarmed(stage: Stage, mailbox: Mailbox) -> Stage:
    """Both ways of alerting are set up."""
    stage.hub.settings.smtp_url = mailbox.url
    stage.hub.settings.alert_email = "dienst@example.org"
    stage.telegram.group(STAFF_CHAT, "Dienst")
    async with stage.hub.db.transaction() as session:
        session.add(Setting(key=cases.STAFF_CHAT, value={"channel": "hilfe", "chat_id": str(STAFF_CHAT)}))
    return stage


@pytest.mark.parametrize(("language", "words"), VIOLENCE.items())
async def test_numbers_come_in_the_person_s_language_even_as_the_first_word(
    stage: Stage, language: str, words: str
) -> None:
    sent = await stage.says(stage.telegram.person(language_code=language), words)
    assert texts(sent) == [phrase("danger.violence", language), phrase("danger.person", language)]
    (case,) = await stage.cases()
    assert (case.urgency, case.danger, case.reason) == ("urgent", ["violence"], "danger")


async def test_the_alert_is_sent_both_ways_and_free_of_content(alarmed: Stage, mailbox: Mailbox) -> None:
    person = alarmed.telegram.person()
    await alarmed.says(person, VIOLENCE["bg"])
    (mail,) = mailbox.mails
    (case,) = await alarmed.cases()
    assert mail["To"] == "dienst@example.org"
    in_chat = [sent.text for sent in alarmed.sent() if sent.chat_id == STAFF_CHAT]
    assert len(in_chat) == 1
    for text in (mail.get_content(), str(mail["Subject"]), in_chat[0]):
        assert "бие" not in text
        assert str(person.id) not in text
    assert f"/inbox/{case.id}" in mail.get_content()
    assert [alert.status for alert in await alarmed.rows(sa.select(Alert))] == ["sent", "sent"]


async def test_while_a_human_has_the_conversation(alarmed: Stage, mailbox: Mailbox) -> None:
    ana = await alarmed.staff()
    person = alarmed.telegram.person()
    case_id = await asks_for_a_human(alarmed, person)
    assert mailbox.mails == []
    await take(alarmed, ana, case_id)
    sent = [each for each in await alarmed.says(person, VIOLENCE["bg"]) if each.chat_id == person.id]
    assert texts(sent) == [phrase("danger.violence", "bg"), phrase("danger.person", "bg")]
    assert (await alarmed.conversation()).mode == "human"
    assert len(mailbox.mails) == 1


async def test_numbers_are_not_repeated_within_half_an_hour_but_others_are_said(
    alarmed: Stage, mailbox: Mailbox
) -> None:
    person = alarmed.telegram.person()
    await alarmed.says(person, VIOLENCE["bg"])
    assert await alarmed.says(person, "пак ме бие мъжът ми") == []
    assert len(mailbox.mails) == 1
    sent = [each.text for each in await alarmed.says(person, "искам да се самоубия") if each.chat_id == person.id]
    assert phrase("danger.self_harm", "bg") in sent
    assert len(mailbox.mails) == 2, "another danger is another alert"
    alarmed.clock.moves(minutes=31)
    sent = [each.text for each in await alarmed.says(person, VIOLENCE["bg"]) if each.chat_id == person.id]
    assert phrase("danger.violence", "bg") in sent


async def test_after_the_case_was_closed_it_alerts_again(alarmed: Stage, mailbox: Mailbox) -> None:
    ana = await alarmed.staff()
    person = alarmed.telegram.person()
    await alarmed.says(person, VIOLENCE["bg"])
    async with alarmed.hub.db.transaction() as session:
        await cases.close(alarmed.hub, session, ana, (await alarmed.cases())[0].id)
    await alarmed.says(person, VIOLENCE["bg"])
    assert len(mailbox.mails) == 2


async def test_a_stopped_person_s_danger_reaches_staff_and_sends_nothing(alarmed: Stage, mailbox: Mailbox) -> None:
    person = alarmed.telegram.person()
    await alarmed.says(person, "Здравейте", "стоп")
    said = [each for each in await alarmed.says(person, VIOLENCE["bg"]) if each.chat_id == person.id]
    assert said == []
    assert len(mailbox.mails) == 1
    assert (await alarmed.conversation()).mode == "stopped"


async def test_danger_behind_a_caption_and_in_the_middle_of_the_deletion_question(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await stage.after(person.sends_photo(b"\xff\xd8jpeg", caption=VIOLENCE["bg"]))
    assert texts(sent)[0] == phrase("danger.violence", "bg")
    other = stage.telegram.person(8_001)
    await stage.says(other, "Здравейте", "изтрийте данните ми")
    sent = await stage.says(other, VIOLENCE["bg"])
    assert texts(sent)[0] == phrase("danger.violence", "bg")


async def test_danger_in_a_group_alerts_and_says_nothing(stage: Stage) -> None:
    person, group = stage.telegram.person(), stage.telegram.group()
    assert await stage.after(person.writes(VIOLENCE["bg"], chat=group)) == []
    assert [case.urgency for case in await stage.cases()] == ["urgent"]


async def test_a_deadline_is_urgent_answered_and_not_an_emergency(alarmed: Stage, mailbox: Mailbox) -> None:
    person = alarmed.telegram.person()
    sent = await alarmed.says(person, "утре изтича срокът за възражение срещу писмото от джобцентъра")
    assert phrase("deadline", "bg") in texts(sent)
    (case,) = await alarmed.cases()
    assert (case.urgency, case.danger, case.reason) == ("urgent", [], "deadline")
    assert len(mailbox.mails) == 1


async def test_an_alert_that_does_not_leave_is_tried_until_it_does(alarmed: Stage, mailbox: Mailbox) -> None:
    mailbox.refuses = True
    alarmed.telegram.goes_wrong(chat_id=STAFF_CHAT, status=502, json=False)
    await alarmed.says(alarmed.telegram.person(), VIOLENCE["bg"])
    waiting = await alarmed.rows(sa.select(Alert))
    assert [(alert.status, alert.attempts) for alert in waiting] == [("queued", 1), ("queued", 1)]
    mailbox.refuses = False
    for alert in waiting:
        await alerts.send(alarmed.hub, alert.id)
    assert [alert.status for alert in await alarmed.rows(sa.select(Alert))] == ["sent", "sent"]
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:9", "smtp://127.0.0.1:not-a-port"])
async def test_a_wrong_mail_address_is_a_failed_try_not_a_crash(stage: Stage, url: str) -> None:
    stage.hub.settings.smtp_url, stage.hub.settings.alert_email = url, "dienst@example.org"
    await stage.says(stage.telegram.person(), VIOLENCE["bg"])
    (alert,) = await stage.rows(sa.select(Alert))
    assert (alert.status, alert.attempts) == ("queued", 1)


async def test_the_thread_tells_what_happened(stage: Stage) -> None:
    await stage.says(stage.telegram.person(), VIOLENCE["bg"])
    events = await stage.rows(sa.select(CaseEvent).order_by(CaseEvent.id))
    assert [event.kind for event in events] == ["opened", "urgent"]
