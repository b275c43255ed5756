"""Conversations that staff start: with consent, by SMS at once, by WhatsApp with an approved template only."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.errors import BadInput, Conflict, HubError
from app.firstwords import TEMPLATE, Start, start
from app.models import Address, Case, Consent, Contact, Conversation, Team, TeamMember, User
from app.publishing import publish_version
from tests.phones import CLOUD, SMS, Phones, heard

NUMBER = "+359888123456"
WORDS = "Среща в понеделник в 10 ч."


def form(phones: Phones, **changes: object) -> Start:
    today = phones.clock.now.date()
    filled = Start(SMS, "00359 888 123 456", "bg", "weissenfels", "she herself", today, "in_person", WORDS)
    return replace(filled, **changes)  # type: ignore[arg-type]


async def ana(phones: Phones) -> User:
    user = User(email="ana@example.org", name="Ana", role="streetworker", password_hash="!")
    async with phones.hub.db.transaction() as session:
        session.add(user)
    return user


async def begin(phones: Phones, user: User, **changes: object) -> Case:
    async with phones.hub.db.transaction() as session:
        return await start(phones.hub, session, user, form(phones, **changes), phones.clock.now.date())


async def test_by_sms_the_first_words_say_who_and_how_to_stop(phones: Phones) -> None:
    user = await ana(phones)
    case = await begin(phones, user)
    await phones.run()
    person = phones.twilio.person(NUMBER)
    said = " ".join(heard(person))
    assert "Ana" in said
    assert "STOP" in said
    assert (case.assignee_id, case.reason, case.place) == (user.id, "by_hand", "weissenfels")
    (consent,) = await phones.rows(sa.select(Consent))
    assert (consent.said_by, consent.how, consent.user_id) == ("she herself", "in_person", user.id)
    await phones.says(person, "Добре, ще дойда")
    (only,) = await phones.cases()
    assert only.waiting_since is not None
    (address,) = await phones.rows(sa.select(Address))
    assert phones.hub.vault.decrypt(address.value) == NUMBER


async def test_who_said_stop_or_is_blocked_is_not_written_to(phones: Phones) -> None:
    user = await ana(phones)
    person = phones.twilio.person(NUMBER)
    await phones.says(person, "menu", "STOP")
    with pytest.raises(Conflict, match="does not want messages"):
        await begin(phones, user)
    await phones.says(person, "START")
    async with phones.hub.db.transaction() as session:
        until = phones.clock.now + timedelta(days=2)
        await session.execute(sa.update(Contact).values(blocked_until=until, blocked_reason="threats"))
    with pytest.raises(Conflict, match="is blocked"):
        await begin(phones, user)
    assert await phones.cases() == []
    assert await phones.rows(sa.select(Consent)) == []


async def test_a_number_opens_nobodys_talk_with_another_town(phones: Phones) -> None:
    user = await ana(phones)
    await phones.says(phones.twilio.person(NUMBER), "menu")
    async with phones.hub.db.transaction() as session:
        team = Team(slug="here", name="Here", places=["weissenfels"])
        session.add(team)
        await session.flush()
        session.add(TeamMember(team_id=team.id, user_id=user.id))
        await session.execute(sa.update(Conversation).values(place="wuppertal"))
    with pytest.raises(Conflict, match="another team"):
        await begin(phones, user)
    assert await phones.cases() == []
    async with phones.hub.db.transaction() as session:
        await session.execute(sa.update(Conversation).values(place="weissenfels"))
    assert (await begin(phones, user)).assignee_id == user.id


async def test_two_colleagues_at_once_make_one_person_and_one_case(phones: Phones) -> None:
    user = await ana(phones)
    done = await asyncio.gather(begin(phones, user), begin(phones, user), return_exceptions=True)
    assert sum(isinstance(one, Case) for one in done) == 1
    assert [type(one) for one in done if isinstance(one, Exception)] == [Conflict]
    await phones.run()
    assert len(await phones.rows(sa.select(Contact))) == 1
    assert len(await phones.cases()) == 1
    assert len([words for words in heard(phones.twilio.person(NUMBER)) if "Ana" in words]) == 1


async def test_by_whatsapp_only_with_an_approved_template(phones: Phones) -> None:
    user = await ana(phones)
    with pytest.raises(BadInput, match="has not approved a template"):
        await begin(phones, user, channel=CLOUD)
    template = phones.hub.shelf.library.templates[TEMPLATE].model_dump(mode="json")
    words = template["languages"]["bg"]
    words["meta_name"] = TEMPLATE
    phones.whatsapp.add_template(TEMPLATE, "bg", words["body"])
    async with phones.hub.db.transaction() as session:
        await publish_version(session, "template", TEMPLATE, template, origin="hub")
    await phones.hub.shelf.load()
    person = phones.whatsapp.person()
    await begin(phones, user, channel=CLOUD, number=person.address)
    await phones.run()
    assert heard(person) == [words["body"]]
    assert (await phones.statuses())[-1] == "held"
    assert WORDS in await phones.says(person, "ДА")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "171 12"}, "not a phone number"),
        ({"channel": "nowhere"}, "choose a channel"),
        ({"language": "xx"}, "choose a language"),
        ({"place": "atlantis"}, "choose a place"),
        ({"said_by": " "}, "who said yes"),
        ({"how": "guess"}, "how the person said yes"),
        ({"given_on": None}, "day of the consent"),
        ({"words": " "}, "Write something"),
    ],
)
async def test_without_all_of_it_nothing_is_sent(phones: Phones, changes: dict[str, object], words: str) -> None:
    with pytest.raises(HubError, match=words):
        await begin(phones, await ana(phones), **changes)
    await phones.run()
    assert await phones.messages() == []
    assert await phones.rows(sa.select(Contact)) == []
