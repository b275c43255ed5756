"""Lists that somebody wants again: view, order and filters under a name, for oneself or for everybody.

Only their maker changes them; what a shared one shows is for each colleague what they may see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import BadInput, NotFound
from app.filters import Filters, View, matches, visible
from app.hub import Hub
from app.lists import count_cases
from app.models import SavedView, User

NAME_CHARS = 40
MOST = 30  # of one colleague
COUNTED_TO = 99


@dataclass(frozen=True, slots=True)
class Chip:
    """`count` is one more than `COUNTED_TO` where there are more."""

    view: SavedView
    mine: bool
    maker: str
    count: int = 0


async def views(session: AsyncSession, user: User) -> Sequence[Chip]:
    """One's own, then those that others share."""
    visible(user)
    mine = SavedView.user_id == user.id
    rows = await session.execute(
        sa.select(SavedView, User.name)
        .join(User, SavedView.user_id == User.id)
        .where(sa.or_(mine, SavedView.shared))
        .order_by(sa.not_(mine), sa.func.lower(SavedView.name), SavedView.id)
    )
    return [Chip(view, view.user_id == user.id, maker) for view, maker in rows]


async def count(hub: Hub, session: AsyncSession, user: User, view: View, filters: Filters) -> int:
    return await count_cases(session, user, view, [visible(user), *matches(hub, filters)], COUNTED_TO + 1)


async def save(
    session: AsyncSession, user: User, name: str, query: Mapping[str, str], *, shared: bool = False
) -> SavedView:
    """A name that one has already used stands for the new list from now on."""
    visible(user)
    words = _checked(name)
    await session.get_one(User, user.id, with_for_update=True)  # twice at once is one after the other
    own = (await session.scalars(sa.select(SavedView).where(SavedView.user_id == user.id))).all()
    view = next((each for each in own if each.name.casefold() == words.casefold()), None)
    if view is None:
        if len(own) >= MOST:
            raise BadInput("You can keep {limit} lists at most.", limit=MOST)
        view = SavedView(user_id=user.id, name=words, query={}, shared=False)
        session.add(view)
    view.name, view.query, view.shared = words, dict(query), shared
    await session.flush()
    return view


async def change(session: AsyncSession, user: User, view_id: int, *, name: str, shared: bool) -> SavedView:
    view = await access_view(session, user, view_id)
    view.name, view.shared = _checked(name), shared
    return view


async def delete(session: AsyncSession, user: User, view_id: int) -> None:
    await session.delete(await access_view(session, user, view_id))


async def access_view(session: AsyncSession, user: User, view_id: int) -> SavedView:
    """One's own, to change it."""
    visible(user)
    query = sa.select(SavedView).where(SavedView.id == view_id, SavedView.user_id == user.id)
    view = await session.scalar(query.with_for_update())
    if view is None:
        raise NotFound("There is no such list of yours.")
    return view


def _checked(name: str) -> str:
    words = " ".join(name.replace("\0", "").split())
    if not words or len(words) > NAME_CHARS:
        raise BadInput("Please give the list a name of at most {limit} characters.", limit=NAME_CHARS)
    return words
