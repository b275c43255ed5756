"""Colleagues as admins keep them: invited by a link, changed, disabled with their cases given back. Callers: `app.web`.

A hub always keeps one admin who can sign in: every change that could take the last one away waits for the others'.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit, auth, two_factor
from app.cases import release
from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import Case, Invitation, PushSubscription, StaffSession, Team, TeamMember, User
from app.rights import ANSWERING_ROLES
from app.teams import checked_name

INVITATION_LIFE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Form:
    """A colleague as the form of admins gives them."""

    name: str
    role: str
    speaks: Sequence[str]
    teams: Collection[int]


@dataclass(frozen=True, slots=True)
class Colleague:
    user: User
    teams: tuple[str, ...]
    open_cases: int
    seen_at: datetime | None
    invited_until: datetime | None


async def colleagues(session: AsyncSession, now: datetime, *, user_id: int | None = None) -> list[Colleague]:
    """Everybody, or one; who can sign in first."""
    mine = sa.select(sa.func.count()).where(Case.assignee_id == User.id, Case.status != "closed")
    seen = sa.select(sa.func.max(StaffSession.seen_at)).where(StaffSession.user_id == User.id)
    invited = sa.select(Invitation.expires_at).where(Invitation.user_id == User.id, Invitation.expires_at > now)
    columns = (User, mine.scalar_subquery(), seen.scalar_subquery(), invited.scalar_subquery())
    query = sa.select(*columns).order_by(User.disabled_at.is_not(None), User.name, User.id)
    if user_id is not None:
        query = query.where(User.id == user_id)
    names: dict[int, list[str]] = {}
    members = sa.select(TeamMember.user_id, Team.name).join(Team, TeamMember.team_id == Team.id).order_by(Team.name)
    for member, name in await session.execute(members):
        names.setdefault(member, []).append(name)
    rows = (await session.execute(query)).all()
    return [Colleague(user, tuple(names.get(user.id, ())), *rest) for user, *rest in rows]


async def teams_of(session: AsyncSession, user_id: int) -> set[int]:
    return set(await session.scalars(sa.select(TeamMember.team_id).where(TeamMember.user_id == user_id)))


async def invite(session: AsyncSession, by: User, email: str, form: Form, now: datetime) -> tuple[User, str]:
    """An account that nobody can sign in to until the link was used; the link's token exists nowhere else."""
    name = checked_name(form.name)
    user = await auth.create_user(session, email, form.role, secrets.token_urlsafe(32), name=name, language=by.language)
    await audit.note(session, by, "staff_changed", colleague=user.id, what="invited", role=user.role)
    await _set_profile(session, user, form)
    return user, await _new_link(session, user, now)


async def new_link(session: AsyncSession, by: User, user_id: int, now: datetime) -> tuple[User, str]:
    """For a colleague who forgot their password, or whose invitation ran out. The old password holds until it is used."""
    user = await _lock(session, user_id)
    if user.disabled_at is not None:
        raise Conflict("This account is switched off.")
    await audit.note(session, by, "staff_changed", colleague=user.id, what="link")
    return user, await _new_link(session, user, now)


async def invited(session: AsyncSession, token: str, now: datetime) -> User:
    """Whose link this is. Raises NotFound for one that was used, replaced or is too old."""
    query = sa.select(User).join(Invitation, Invitation.user_id == User.id)
    query = query.where(Invitation.token_hash == auth.token_hash(token), Invitation.expires_at > now)
    user = await session.scalar(query.where(User.disabled_at.is_(None)))
    if user is None:
        raise NotFound("This link was used already, or is too old. Ask an admin for a new one.")
    return user


async def accept(session: AsyncSession, token: str, password: str, now: datetime) -> User:
    """The password is set, the link is used up, older sessions end."""
    user = await invited(session, token, now)
    hashed = await auth.hash_password(password)
    used = sa.delete(Invitation).where(Invitation.token_hash == auth.token_hash(token))
    if await session.scalar(used.returning(Invitation.id)) is None:  # somebody else's click was faster
        raise NotFound("This link was used already, or is too old. Ask an admin for a new one.")
    user.password_hash = hashed
    await auth.end_sessions(session, user.id)
    await audit.note(session, user, "password_changed")
    return user


async def change(hub: Hub, session: AsyncSession, by: User, user_id: int, form: Form) -> User:
    """Name, role, languages and teams. Who no longer answers people gives their cases back."""
    if form.role != "admin":
        await _keep_an_admin(session, user_id)
    user = await _lock(session, user_id)
    if form.role not in auth.ROLES:
        raise BadInput("This role does not exist.")
    user.name = checked_name(form.name)
    if user.role != form.role:
        await audit.note(session, by, "staff_changed", colleague=user.id, what="role", role=form.role)
        user.role = form.role
        if form.role not in ANSWERING_ROLES:
            await _give_back_cases(hub, session, by, user)
    await _set_profile(session, user, form)
    return user


async def disable(hub: Hub, session: AsyncSession, by: User, user_id: int) -> int:
    """Nobody signs in with this account any more; what it did stays. How many cases went back to everybody."""
    await _keep_an_admin(session, user_id)
    user = await _lock(session, user_id)
    if user.disabled_at is not None:
        return 0
    user.disabled_at = hub.now()
    await auth.end_sessions(session, user.id)
    for table in (Invitation, PushSubscription):
        await session.execute(sa.delete(table).where(table.user_id == user.id))
    await audit.note(session, by, "staff_changed", colleague=user.id, what="disabled")
    return await _give_back_cases(hub, session, by, user)


async def enable(session: AsyncSession, by: User, user_id: int) -> None:
    user = await _lock(session, user_id)
    if user.disabled_at is not None:
        user.disabled_at = None
        await audit.note(session, by, "staff_changed", colleague=user.id, what="enabled")


async def sign_out(session: AsyncSession, by: User, user_id: int) -> None:
    """On every device."""
    user = await _lock(session, user_id)
    await auth.end_sessions(session, user.id)
    await audit.note(session, by, "staff_changed", colleague=user.id, what="signed_out")


async def reset_two_factor(session: AsyncSession, by: User, user_id: int) -> None:
    """For a colleague whose phone is lost. Whoever has it may still be signed in there: not any more."""
    user = await _lock(session, user_id)
    if user.totp_secret is not None:
        await two_factor.clear(session, user)
        await auth.end_sessions(session, user.id)
        await audit.note(session, by, "staff_changed", colleague=user.id, what="two_factor_reset")


async def _give_back_cases(hub: Hub, session: AsyncSession, by: User, user: User) -> int:
    query = sa.select(Case.id).where(Case.assignee_id == user.id, Case.status != "closed").order_by(Case.id)
    ids = (await session.scalars(query)).all()
    for case_id in ids:
        await release(hub, session, by, case_id)
    return len(ids)


async def _keep_an_admin(session: AsyncSession, user_id: int) -> None:
    """Locks all admins, in one order, so that two of them can't switch each other off at the same moment."""
    query = sa.select(User.id).where(User.role == "admin", User.disabled_at.is_(None)).order_by(User.id)
    admins = (await session.scalars(query.with_for_update())).all()
    if list(admins) == [user_id]:
        raise Conflict("This is the last admin. Make somebody else an admin first.")


async def _set_profile(session: AsyncSession, user: User, form: Form) -> None:
    user.speaks = list(form.speaks)
    known = set(await session.scalars(sa.select(Team.id).where(Team.id.in_(form.teams))))
    await session.execute(sa.delete(TeamMember).where(TeamMember.user_id == user.id))
    session.add_all([TeamMember(team_id=team_id, user_id=user.id) for team_id in sorted(known)])
    await session.flush()


async def _new_link(session: AsyncSession, user: User, now: datetime) -> str:
    """Instead of an older one."""
    token = secrets.token_urlsafe(32)
    await session.execute(sa.delete(Invitation).where(Invitation.user_id == user.id))
    row = Invitation(user_id=user.id, token_hash=auth.token_hash(token), expires_at=now + INVITATION_LIFE)
    session.add(row)
    await session.flush()
    return token


async def _lock(session: AsyncSession, user_id: int) -> User:
    user = await session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound("There is no such colleague.")
    return user
