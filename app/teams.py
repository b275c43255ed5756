"""Teams by places and organisation, kept by admins, and cases shared with another team. Whose cases they see: `app.rights`."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.cases import access_case
from app.errors import BadInput, Conflict, NotFound
from app.feed import publish
from app.models import Case, CaseEvent, CaseShare, Team, TeamMember, User
from flows.library import Library

NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class TeamView:
    team: Team
    members: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A team as its form gives it."""

    name: str
    organisation: str
    places: Collection[str]
    members: Collection[int]


async def all_teams(session: AsyncSession) -> list[TeamView]:
    teams = (await session.scalars(sa.select(Team).order_by(Team.name, Team.id))).all()
    rows = await session.execute(
        sa.select(TeamMember.team_id, User).join(User, TeamMember.user_id == User.id).order_by(User.name)
    )
    members: dict[int, list[User]] = {}
    for team_id, user in rows:
        members.setdefault(team_id, []).append(user)
    return [TeamView(team, tuple(members.get(team.id, ()))) for team in teams]


async def get_team(session: AsyncSession, team_id: int) -> Team:
    team = await session.get(Team, team_id, with_for_update=True)
    if team is None:
        raise NotFound("There is no such team.")
    return team


async def create(session: AsyncSession, library: Library, by: User, form: Form) -> Team:
    """Its slug is made once, from its first name: cases keep it."""
    name = checked_name(form.name)
    slug = _slug(name)
    if not slug:
        raise BadInput("Please give a name of at most 80 characters.")
    made = await session.scalar(
        insert(Team).values(slug=slug, name=name).on_conflict_do_nothing(index_elements=["slug"]).returning(Team.id)
    )
    if made is None:
        raise Conflict("There is already a team of this name.")
    return await change(session, library, by, made, form)


async def change(session: AsyncSession, library: Library, by: User, team_id: int, form: Form) -> Team:
    team = await get_team(session, team_id)
    team.name = checked_name(form.name)
    team.organisation = " ".join(form.organisation.split())[:NAME_CHARS]
    team.places = _with_inner_places(library, form.places)
    known = set(await session.scalars(sa.select(User.id).where(User.id.in_(form.members))))
    await session.execute(sa.delete(TeamMember).where(TeamMember.team_id == team.id))
    session.add_all([TeamMember(team_id=team.id, user_id=user_id) for user_id in sorted(known)])
    await audit.note(session, by, "team_changed", team=team.id, places=team.places, members=sorted(known))
    return team


async def shared_with(session: AsyncSession, case_id: int) -> Sequence[Team]:
    query = sa.select(Team).join(CaseShare, CaseShare.team_id == Team.id).where(CaseShare.case_id == case_id)
    return (await session.scalars(query.order_by(Team.name))).all()


async def share(session: AsyncSession, user: User, case_id: int, team_id: int) -> Case:
    """Another team sees the case from now on, and works on it as well. Twice is once."""
    case = await access_case(session, user, case_id, lock=True)
    team = await get_team(session, team_id)
    made = await session.scalar(
        insert(CaseShare)
        .values(case_id=case.id, team_id=team.id, user_id=user.id)
        .on_conflict_do_nothing(index_elements=["case_id", "team_id"])
        .returning(CaseShare.id)
    )
    if made is not None:
        await _log(session, case, "shared", user, team)
    return case


async def unshare(session: AsyncSession, user: User, case_id: int, team_id: int) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    team = await get_team(session, team_id)
    gone = await session.scalar(
        sa.delete(CaseShare)
        .where(CaseShare.case_id == case.id, CaseShare.team_id == team.id)
        .returning(CaseShare.id)
        .execution_options(synchronize_session=False)
    )
    if gone is not None:
        await _log(session, case, "unshared", user, team)
    return case


async def _log(session: AsyncSession, case: Case, kind: str, user: User, team: Team) -> None:
    session.add(CaseEvent(case_id=case.id, user_id=user.id, kind=kind, data={"team": team.name}))
    await audit.note(session, user, "changed", case, event=kind, team=team.id)
    await publish(session, "case", case.id)


def _with_inner_places(library: Library, places: Collection[str]) -> list[str]:
    """A district stands for its towns too. Stored one by one, so that whose case it is can be asked in SQL."""
    return sorted(slug for slug in library.places if not set(places).isdisjoint(library.chain(slug)))


def _slug(name: str) -> str:
    """'Süd & Mitte' -> 'sud-mitte'."""
    return "-".join(re.findall(r"[^\W_]+", "".join(c for c in normalize("NFKD", name.lower()) if not combining(c))))


def checked_name(name: str) -> str:
    words = " ".join(name.split())
    if not words or len(words) > NAME_CHARS or not words.isprintable():
        raise BadInput("Please give a name of at most 80 characters.")
    return words
