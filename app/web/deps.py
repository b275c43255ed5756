"""What routes ask for: the hub, a transaction, the signed-in member of staff (with CSRF checked on unsafe methods)."""

import hmac
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import user_of
from app.errors import NotAllowed, NotSignedIn
from app.hub import Hub
from app.models import StaffSession, User
from app.rostering import check_leads
from app.web.pages import reader_of
from app.web.security import check_same_origin, cookie_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def get_hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


HubDep = Annotated[Hub, Depends(get_hub)]


async def transaction(hub: HubDep) -> AsyncIterator[AsyncSession]:
    async with hub.db.transaction() as session:
        yield session


Tx = Annotated[AsyncSession, Depends(transaction, scope="function")]
"""One request, one transaction. Function scope commits before the answer leaves; the default would do so after it."""


async def staff_session(request: Request, hub: HubDep, tx: Tx) -> StaffSession:
    """The one door to staff routes: a live session and, for whatever changes something, its CSRF token."""
    token = request.cookies.get(cookie_name(hub.settings), "")
    found = await user_of(tx, token, hub.now()) if token else None
    if found is None:
        raise NotSignedIn("Please sign in.")
    request.state.reader = reader_of(found)
    if request.method not in SAFE_METHODS:
        check_same_origin(request)
        await _check_csrf(request, found.csrf)
    return found


async def _check_csrf(request: Request, expected: str) -> None:
    given = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotAllowed("This page was open too long. Please load it again.")


SessionDep = Annotated[StaffSession, Depends(staff_session)]


def staff(found: SessionDep) -> User:
    return found.user


def admin(user: Annotated[User, Depends(staff)]) -> User:
    if user.role != "admin":
        raise NotAllowed("Only admins may do this.")
    return user


def lead(user: Annotated[User, Depends(staff)]) -> User:
    check_leads(user)
    return user


StaffDep = Annotated[User, Depends(staff)]
AdminDep = Annotated[User, Depends(admin)]
LeadDep = Annotated[User, Depends(lead)]
"""Coordinators and admins."""
