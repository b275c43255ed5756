"""Who has a case and what it is about: handing over to a colleague or a team with a note, and tags."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import claims, news
from app.cases import NOTE_CHARS, access_case, checked_words, restart_alarm, set_modes, wake_up
from app.errors import BadInput, Conflict
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.models import Case, Team, TeamMember, User
from app.rights import ANSWERING_ROLES, seeing

TAG_CHARS = 40
TAGS_PER_CASE = 20
TAGS_OFFERED = 100


async def colleagues(session: AsyncSession, case: Case) -> Sequence[User]:
    """Everybody who may have this case: nobody is given what they can't see. Elsewhere it is shared first."""
    query = sa.select(User).where(User.disabled_at.is_(None), seeing(case))
    return (await session.scalars(query.order_by(User.name, User.id))).all()


async def answering(session: AsyncSession) -> Sequence[User]:
    """Everybody who answers people, whatever they see."""
    query = sa.select(User).where(User.disabled_at.is_(None), User.role.in_(ANSWERING_ROLES))
    return (await session.scalars(query.order_by(User.name, User.id))).all()


async def teams(session: AsyncSession) -> Sequence[Team]:
    """Those in which somebody could take a case."""
    member = sa.select(TeamMember.user_id).join(User, TeamMember.user_id == User.id)
    member = member.where(TeamMember.team_id == Team.id, User.disabled_at.is_(None), User.role.in_(ANSWERING_ROLES))
    return (await session.scalars(sa.select(Team).where(member.exists()).order_by(Team.name, Team.id))).all()


async def assign(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    to_id: int,
    seen_assignee_id: int | None,
    note: str = "",
) -> Case:
    """Give the case to a colleague, with words for them.

    `seen_assignee_id` is who had it on the giver's page: where that changed, somebody else has decided already.
    """
    case = await _access_to_give(session, user, case_id, seen_assignee_id)
    colleague = next((each for each in await colleagues(session, case) if each.id == to_id), None)
    if colleague is None:
        raise BadInput("This colleague can't see this case. Share it with their team first, or choose somebody else.")
    words = checked_words(note, NOTE_CHARS) if note.strip() else None
    if case.assignee_id == colleague.id and words is None:
        return case
    case.assignee_id = colleague.id
    await claims.drop(session, case.id)
    await set_modes(session, case, from_modes=("bot", "waiting"), to="human")
    await wake_up(session, case, user)
    await add_event(session, case, "assigned", user, text=words, data={"to": colleague.name})
    if colleague.id != user.id:
        await news.tell(hub, session, case, [colleague.id])
    await publish(session, "case", case.id)
    return case


async def assign_team(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    team_id: int,
    seen_assignee_id: int | None,
    note: str = "",
) -> Case:
    """Give the case to a team: nobody has it until one of them takes it, and the person waits meanwhile."""
    case = await _access_to_give(session, user, case_id, seen_assignee_id)
    team = next((each for each in await teams(session) if each.id == team_id), None)
    if team is None:
        raise BadInput("Nobody in this team could take the case.")
    words = checked_words(note, NOTE_CHARS) if note.strip() else None
    if case.assignee_id is None and case.team == team.slug and words is None:
        return case
    case.team, case.assignee_id = team.slug, None
    restart_alarm(hub, case)
    await claims.drop(session, case.id)
    await set_modes(session, case, from_modes=("bot", "human"), to="waiting")
    await wake_up(session, case, user)
    await add_event(session, case, "team_assigned", user, text=words, data={"team": team.name})
    await publish(session, "case", case.id)
    return case


async def _access_to_give(session: AsyncSession, user: User, case_id: int, seen_assignee_id: int | None) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    if case.status == "closed":
        raise Conflict("This case is closed.")
    if case.assignee_id != seen_assignee_id:
        raise Conflict("A colleague has just taken, released or handed over this case. Please look again.")
    return case


async def tag(hub: Hub, session: AsyncSession, user: User, case_id: int, name: str) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    words = " ".join(name.replace("\x00", "").split())
    if not words:
        raise BadInput("Write something first.")
    if len(words) > TAG_CHARS:
        raise BadInput("That is too long: at most {limit} characters.", limit=TAG_CHARS)
    if words.casefold() in (each.casefold() for each in case.tags):
        return case
    if len(case.tags) >= TAGS_PER_CASE:
        raise BadInput("A case can have {limit} tags at most.", limit=TAGS_PER_CASE)
    case.tags = [*case.tags, words]
    await add_event(session, case, "tagged", user, data={"tag": words})
    await publish(session, "case", case.id)
    return case


async def untag(hub: Hub, session: AsyncSession, user: User, case_id: int, name: str) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    if name not in case.tags:
        return case
    case.tags = [each for each in case.tags if each != name]
    await add_event(session, case, "untagged", user, data={"tag": name})
    await publish(session, "case", case.id)
    return case


async def known_tags(session: AsyncSession) -> Sequence[str]:
    """Tags of open cases, for typing less and spelling alike."""
    each = (
        sa.select(sa.func.jsonb_array_elements_text(Case.tags).label("tag")).where(Case.status != "closed").subquery()
    )
    return (await session.scalars(sa.select(each.c.tag).distinct().order_by(each.c.tag).limit(TAGS_OFFERED))).all()
