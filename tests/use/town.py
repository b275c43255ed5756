"""A demo town in which every page has something to show: the street's day, and what teams, mediators and admins keep."""

from dataclasses import dataclass
from datetime import timedelta

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession

from app import mediation, rostering, saved_views, second_reader, snooze, staffing, teams, tokens, two_factor
from app.channels_admin import add_channel
from app.handing import tag
from app.hub import Hub
from app.mentions import note
from app.models import Conversation, Setting, User
from app.risky import SECOND_READER
from tests.web.cast import add_user, meet, open_case
from tests.web.simulated import with_phones
from tests.web.street import Street, build

PHONES: dict[str, dict[str, object]] = {"chat": {}, "chat-wa": {"look": "whatsapp"}, "chat-sms": {"look": "sms"}}


@dataclass(frozen=True, slots=True)
class Town:
    street: Street
    team_id: int
    welcome: str  # the token of an invitation
    whatsapp_case: int


async def fill(hub: Hub) -> Town:
    async with hub.db.transaction() as session:
        street = await build(hub, session)
        ana, admin = street.ana, street.admin
        mila = await add_user(session, "Mila Mediator", "mediator")
        mila.speaks, ana.speaks = ["bg", "uk"], ["bg", "ro"]
        team = await teams.create(
            session, hub.shelf.library, admin, teams.Form("Street Weißenfels", "", {"weissenfels"}, {ana.id})
        )
        await _second_step(hub, session)
        invited = staffing.Form("Ioana Popescu-Tăriceanu", "streetworker", ["ro"], {team.id})
        _, token = await staffing.invite(session, admin, "ioana@example.org", invited, hub.now())
        await tokens.make_token(session, admin, "Statistics of the town", tokens.SCOPES, 30, hub.now(), by=admin)
        for days, begins, ends in (((0, 1, 3), "09:00", "16:00"), ((4,), "22:00", "06:00")):
            shift = rostering.Form(ana.id, days, begins, ends, ["weissenfels"], ["housing"])
            await rostering.add(session, hub.shelf.library, street.boris, shift)
        await saved_views.save(session, street.boris, "Romanian, urgent", {"language": "ro"}, shared=True)
    await hub.registry.load()
    await with_phones(hub, PHONES)
    async with hub.db.transaction() as session:
        await _cases(hub, session, street)
        made = Town(street, team.id, token, await _whatsapp(hub, session))
    await hub.registry.load()
    return made


async def _second_step(hub: Hub, session: AsyncSession) -> None:
    tina = await add_user(session, "Tina Twofactor")
    offered = two_factor.offer(hub.vault, tina)
    code = pyotp.TOTP(offered.secret).at(hub.now())
    await two_factor.turn_on(session, hub.vault, tina, offered.sealed, code, hub.now())


async def _cases(hub: Hub, session: AsyncSession, street: Street) -> None:
    """What waits: for a second reader, for a mediator, for a named colleague, for tomorrow."""
    ana = await session.get_one(User, street.ana.id)
    session.add(Setting(key=SECOND_READER, value={"topics": ["safety.violence"], "hours": 2}))
    urgent = await session.get_one(Conversation, street.urgent.conversation_id)
    wages = await session.get_one(Conversation, street.wages.conversation_id)
    await second_reader.submit(
        hub, session, ana, street.urgent.id,
        conversation_id=urgent.id, text="Sunt aici. Puteți vorbi acum?", seen_seq=urgent.last_seq,
    )  # fmt: skip
    await mediation.ask(
        hub, session, ana, street.wages.id,
        conversation_id=wages.id, german="Bitte kommen Sie am Montag um 10 Uhr.", draft="Моля идвам понеделник.",
        language="bg", seen_seq=wages.last_seq,
    )  # fmt: skip
    await note(hub, session, ana, street.two_ways.id, "@Boris Lange could you call the school?")
    await tag(hub, session, ana, street.two_ways.id, "tour Thursday")
    await snooze.snooze(hub, session, ana, street.two_ways.id, until=hub.now() + timedelta(days=1))


async def _whatsapp(hub: Hub, session: AsyncSession) -> int:
    """Somebody whose window has closed, with a long name of a place."""
    secrets = {"access_token": "x", "app_secret": "x"}
    channel = await add_channel(
        session, hub.vault, "whatsapp-cloud", "town-whatsapp",
        place="weissenfels", secret_values=secrets, options={"phone_number_id": "1"},
    )  # fmt: skip
    at = hub.now() - timedelta(hours=30)
    talk = await meet(hub, session, channel, "Schnelle Rohrdommel 99", "491700000000", at=at, language="bg")
    await talk.says("Получих писмо от Jobcenter Burgenlandkreis, Verwaltungsgemeinschaft. Какво да правя?")
    talk.conversation.heard_at = talk.at
    case = await open_case(talk, "asked", needs=["debt.counselling"], deadline=(hub.now() + timedelta(days=4)).date())
    return case.id
