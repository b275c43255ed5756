"""Whose cases somebody may see: one condition for lists, searches and single cases.

Coordinators and admins see all. A streetworker sees the cases of the places of their teams (a team without places is
there for all of them, and so is a colleague without any team), their team's own cases, those shared with one of their
teams, those given to them, and those of which nobody knows the place yet, because somebody must find them.
"""

import sqlalchemy as sa

from app.models import Case, CaseShare, Team, TeamMember, User

ANSWERING_ROLES = frozenset({"streetworker", "coordinator", "admin"})
ALL_PLACES = frozenset({"coordinator", "admin"})


def visible_cases(user: User) -> sa.ColumnElement[bool]:
    """A condition on `Case`."""
    if user.role in ALL_PLACES:
        return sa.true()
    if user.role not in ANSWERING_ROLES:
        return sa.false()
    mine = sa.select(TeamMember.team_id).where(TeamMember.user_id == user.id)
    theirs = sa.select(Team.id).where(
        Team.id.in_(mine),
        sa.or_(Team.places == sa.text("'[]'::jsonb"), Team.places.has_key(Case.place), Team.slug == Case.team),
    )
    shared = sa.select(CaseShare.id).where(CaseShare.case_id == Case.id, CaseShare.team_id.in_(mine))
    return sa.or_(
        Case.place == "",
        Case.assignee_id == user.id,
        ~mine.exists(),
        theirs.correlate(Case).exists(),
        shared.correlate(Case).exists(),
    )


def seeing(case: Case) -> sa.ColumnElement[bool]:
    """The same asked the other way round: a condition on `User`, for those who see this case."""
    memberships = sa.select(TeamMember.team_id).where(TeamMember.user_id == User.id)
    theirs = memberships.join(Team, Team.id == TeamMember.team_id).where(
        sa.or_(Team.places == sa.text("'[]'::jsonb"), Team.places.has_key(case.place), Team.slug == case.team)
    )
    shared = memberships.join(CaseShare, CaseShare.team_id == TeamMember.team_id).where(CaseShare.case_id == case.id)
    theirs_too = sa.or_(
        sa.literal(case.place == ""),
        User.id == case.assignee_id,
        ~memberships.correlate(User).exists(),
        theirs.correlate(User).exists(),
        shared.correlate(User).exists(),
    )
    return sa.or_(User.role.in_(ALL_PLACES), sa.and_(User.role.in_(ANSWERING_ROLES), theirs_too))
