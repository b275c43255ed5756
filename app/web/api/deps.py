"""The door of the API: a token in the Authorization header, never a cookie, so no other site can use it."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.audit import ACTING
from app.errors import NotAllowed, NotSignedIn
from app.models import User
from app.tokens import bearer
from app.web.deps import HubDep, Tx

scheme = HTTPBearer(auto_error=False, description="A token made on the account page: `Authorization: Bearer swh_…`")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]


def caller(scope: str) -> Callable[..., Awaitable[User]]:
    """The colleague for whom the token acts, if it may do this."""

    async def check(hub: HubDep, tx: Tx, given: Given) -> User:
        if given is None:
            raise NotSignedIn("This token is not valid, or no longer.")
        async with hub.db.transaction() as session:
            token, user = await bearer(session, given.credentials, hub.now())
        if scope not in token.scopes:
            raise NotAllowed("This token may not do that.")
        tx.info[ACTING] = token.id
        return await tx.get_one(User, user.id)

    return check


ReadsCases = Annotated[User, Depends(caller("cases:read"))]
WritesCases = Annotated[User, Depends(caller("cases:write"))]
Sends = Annotated[User, Depends(caller("messages:send"))]
ReadsContacts = Annotated[User, Depends(caller("contacts:read"))]
