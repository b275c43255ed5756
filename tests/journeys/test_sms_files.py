"""Files by SMS: German numbers can't carry them, so the person gets a link that opens for some days."""

import httpx
import pytest
import sqlalchemy as sa

from app.models import Message, User
from app.resending import send_again
from channels.base import MediaFile, Outbound
from channels.sms_text import is_gsm, segments
from tests.phones import Phones

PDF = MediaFile(b"%PDF-1.7 letter", "application/pdf", "Brief März.pdf")


def link_of(text: str) -> str:
    return next(word for word in text.split() if word.startswith("http"))


@pytest.mark.parametrize("words", ["", "Eto pismoto."])
async def test_a_file_goes_as_a_link_in_words(phones: Phones, words: str) -> None:
    person = phones.twilio.person()
    await phones.says(person, "shefa ne mi plashta zaplatata ot 2 meseca", "0")
    (row,) = await phones.writes_back(Outbound(text=words, media=PDF))
    record = person.sent()[-1]
    assert record.media_urls == ()
    assert record.body == row.text
    assert record.body.startswith(words)
    assert "7 dni" in record.body
    assert is_gsm(record.body)
    assert row.payload["sms"]["segments"] == segments(record.body).count
    assert row.status == "delivered"
    url = link_of(record.body)
    assert url.startswith(f"{phones.base_url}/media/")
    async with httpx.AsyncClient() as phone:
        answer = await phone.get(url)
        assert (answer.status_code, answer.content) == (200, PDF.content)
        assert "Brief%20M%C3%A4rz.pdf" in answer.headers["content-disposition"]
        phones.clock.moves(days=6)
        assert (await phone.get(url)).status_code == 200
        phones.clock.moves(days=2)
        assert (await phone.get(url)).status_code == 404


async def test_long_words_go_ahead_of_the_link(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "Zdraveyte")
    words = "Tova e dalgo pismo. " * 70
    rows = await phones.writes_back(Outbound(text=words, media=PDF))
    assert len(rows) == 2
    assert (rows[0].text or "").strip() == words.strip()
    assert link_of(person.sent()[-1].body)
    assert all(len(record.body) <= 1600 for record in person.sent())


async def test_sent_again_it_has_one_new_link(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "shefa ne mi plashta zaplatata ot 2 meseca", "0")
    (row,) = await phones.writes_back(Outbound(text="Eto pismoto.", media=PDF))
    async with phones.hub.db.transaction() as session:
        await session.execute(sa.update(Message).where(Message.id == row.id).values(status="failed"))
        user = User(email="ana@example.org", name="Ana", role="streetworker", password_hash="!")
        session.add(user)
        await session.flush()
        phones.clock.moves(days=8)
        again = await send_again(phones.hub, session, user, (await phones.cases())[0].id, row.id)
    assert (again.text or "").count("http") == 1
    assert again.text != row.text
    await phones.run()
    async with httpx.AsyncClient() as phone:
        assert (await phone.get(link_of(person.sent()[-1].body))).content == PDF.content
