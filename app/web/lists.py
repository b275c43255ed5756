"""The list of cases: its tabs, filters and sorts. Everything stands in the address; htmx fetches the same list again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.closing import OUTCOMES
from app.filters import View, visible
from app.hub import Hub
from app.lists import CasePage, count_cases, list_cases
from app.models import Case, Team, User
from app.second_reader import count_to_read
from app.web.asked import Asked, asked, view_of
from app.web.deps import HubDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.pages import is_fragment, place_name, reader_language, render
from app.web.saved_views import Shortcut, shortcuts
from flows.model import UNDERSTOOD_LANGUAGES

router = APIRouter(prefix="/inbox", include_in_schema=False)

TAGS_OFFERED = 200
TAGGED = sa.literal_column("cases.tags <> '[]'", sa.Boolean)  # as its partial index says it
MOST_URGENT = 100
WAITS = (1, 4, 24, 72)  # hours


Choices = Mapping[str, Mapping[str, str]]
"""What each filter offers: value -> words."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The list as its template needs it, on its own page and beside a thread."""

    asked: Asked
    page: CasePage
    choices: Choices
    shortcuts: Sequence[Shortcut]
    to_read: int  # replies of colleagues that wait for a second reader
    urgent: int  # urgent cases that nobody has, where this list does not show them
    outcomes: tuple[str, ...] = OUTCOMES

    @property
    def view(self) -> View:
        return view_of(self.asked.view)


@router.get("")
async def inbox_page(request: Request, hub: HubDep, tx: Tx, user: StaffDep) -> Response:
    template = "inbox/_list.html" if is_fragment(request) else "inbox/list.html"
    opened = request.query_params.get("open", "")
    shown = await show(request, hub, tx, user)
    return render(request, template, shown=shown, open=int(opened) if opened.isdecimal() else None)


async def show(request: Request, hub: Hub, tx: AsyncSession, user: User, otherwise: View | None = None) -> Shown:
    """Without a wish: `otherwise`, or my cases, or the unassigned ones while I have none."""
    wanted = asked(request)
    tries: tuple[View, ...] = (view_of(wanted.view),) if wanted.view else (otherwise,) if otherwise else ("mine",)
    if not wanted.view and not otherwise and not wanted.filters.on:
        tries = ("mine", "unassigned")
    for view in tries:
        wanted = wanted.seen_as(view)
        page = await list_cases(
            hub, tx, user, view=view, sort=wanted.sort, filters=wanted.filters, before=wanted.before
        )
        if page.items:
            break
    choices = await choices_of(hub, tx, reader_language(request))
    urgent = await _urgent(tx, user) if view not in ("unassigned", "all") else 0
    return Shown(wanted, page, choices, await shortcuts(hub, tx, user), await count_to_read(tx, user), urgent)


async def _urgent(session: AsyncSession, user: User) -> int:
    return await count_cases(session, user, "unassigned", [visible(user), Case.urgency == "urgent"], MOST_URGENT)


async def choices_of(hub: Hub, session: AsyncSession, language: str) -> Choices:
    words, library = texts(language), hub.shelf.library
    labels = {slug: label for slug in library.entries if (label := library.label(slug, language))}
    staff = sa.select(User.id, User.name).where(User.disabled_at.is_(None), User.role != "mediator").order_by(User.name)
    people = {str(id_): name for id_, name in await session.execute(staff)}
    every = sa.func.jsonb_array_elements_text(Case.tags, type_=sa.Text).label("tag")
    tagged = sa.select(every).where(TAGGED).distinct()
    tags = await session.scalars(tagged.order_by(every).limit(TAGS_OFFERED))
    now = hub.now()
    return {
        "channel": {kind: words.term("channel_kind", kind) for kind in sorted({c.kind for c in hub.registry.all()})},
        "language": {code: words.language_name(code) for code in UNDERSTOOD_LANGUAGES},
        "place": {slug: place_name(library, slug, language) for slug in library.places},
        "need": dict(sorted(labels.items(), key=lambda pair: pair[1])),
        "urgency": {"urgent": words.get("Urgent"), "normal": words.get("Not urgent")},
        "waits": {str(hours): words.since(now - timedelta(hours=hours), now) for hours in WAITS},
        "assignee": {"nobody": words.get("Nobody")} | people,
        "team": {row.slug: row.name for row in await session.execute(sa.select(Team.slug, Team.name))},
        "tag": {tag: tag for tag in tags},
    }
