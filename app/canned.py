"""Canned replies as the team keeps them: read, changed, deleted and had back. Each change is a new version of the content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit, canned_files
from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import ContentVersion, Team, TeamMember, User
from app.publishing import publish_version
from app.rights import ALL_PLACES
from channels.base import MediaFile
from flows.canned import ALL, CANNED_CHARS, FILES, VARIABLES, CannedReply
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER

KIND = "canned"


@dataclass(frozen=True, slots=True)
class Kept:
    """A canned reply and who made this version of it; nobody did where it came from a file."""

    reply: CannedReply
    version: int
    changed_at: datetime
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """A canned reply as its form gives it. `approved` are the languages whose words the writer vouches for.

    Files per language, or for `all`: `kept` are names that stay, `uploads` are new.
    """

    title: str
    category: str
    place: str
    team: str
    texts: Mapping[str, str]
    approved: frozenset[str]
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Mapping[str, Sequence[MediaFile]] = field(default_factory=dict)


async def all_canned(session: AsyncSession, *, deleted: bool = False) -> list[Kept]:
    """By category and title."""
    rows = await session.execute(_current())
    kept = [_kept(version, name) for version, name in rows]
    found = [each for each in kept if each.reply.deleted == deleted]
    return sorted(found, key=lambda each: (each.reply.category, each.reply.title.casefold()))


async def canned_for(hub: Hub, session: AsyncSession, user: User, place: str) -> list[CannedReply]:
    """Those for the place and the teams of the user."""
    teams = set(
        await session.scalars(
            sa.select(Team.slug).join(TeamMember, TeamMember.team_id == Team.id).where(TeamMember.user_id == user.id)
        )
    )
    near = hub.shelf.library.chain(place)
    every = [kept.reply for kept in await all_canned(session)]
    return [
        reply
        for reply in every
        if (reply.place is None or reply.place in near)
        and (reply.team is None or reply.team in teams or user.role in ALL_PLACES)
    ]


async def get_canned(session: AsyncSession, shortcut: str) -> Kept:
    row = (await session.execute(_current().where(ContentVersion.key == shortcut))).first()
    if row is None:
        raise NotFound("There is no such reply.")
    return _kept(*row)


async def create(hub: Hub, session: AsyncSession, user: User, shortcut: str, form: Form) -> CannedReply:
    await canned_files.lock(session, user)
    shortcut = shortcut.strip().lower()
    if (await session.execute(_current().where(ContentVersion.key == shortcut))).first():
        raise Conflict("There is already a reply with this shortcut.")
    reply = await _checked(hub, session, user, shortcut, form, None)
    await _publish(session, user, reply)
    return reply


async def change(
    hub: Hub, session: AsyncSession, user: User, shortcut: str, form: Form, *, seen_version: int
) -> CannedReply:
    """Raises Conflict where somebody has changed it since the page was loaded."""
    await canned_files.lock(session, user)
    kept = await get_canned(session, shortcut)
    if kept.version != seen_version:
        raise Conflict("{name} has changed this reply meanwhile.", name=kept.changed_by or "?")
    reply = await _checked(hub, session, user, shortcut, form, kept.reply)
    await _publish(session, user, reply)
    return reply


async def set_deleted(session: AsyncSession, user: User, shortcut: str, deleted: bool) -> None:
    """Deleted ones are offered to nobody, and can be had back."""
    await canned_files.lock(session, user)
    kept = await get_canned(session, shortcut)
    if kept.reply.deleted != deleted:
        await _publish(session, user, kept.reply.model_copy(update={"deleted": deleted}))


async def _publish(session: AsyncSession, user: User, reply: CannedReply) -> None:
    data = reply.model_dump(mode="json")
    await publish_version(session, KIND, reply.shortcut, data, origin="hub", user_id=user.id)
    await audit.note(session, user, "canned_changed", shortcut=reply.shortcut)


async def _checked(
    hub: Hub, session: AsyncSession, user: User, shortcut: str, form: Form, old: CannedReply | None
) -> CannedReply:
    """Says in words what is wrong. A text that was changed is a draft again unless its writer approves it."""
    texts = {code: _clean(form.texts.get(code, "")) for code in ANSWER_LANGUAGES}
    texts = {code: text for code, text in texts.items() if text}
    if "de" not in texts:
        raise BadInput("The German text is needed: colleagues must understand what they send.")
    if any(len(text) > CANNED_CHARS for text in texts.values()):
        raise BadInput("That is too long: at most {limit} characters.", limit=CANNED_CHARS)
    unknown = {name for text in texts.values() for name in PLACEHOLDER.findall(text)} - set(VARIABLES)
    if unknown:
        raise BadInput("There is no variable {name}.", name=f"{{{min(unknown)}}}")
    if form.place and form.place not in hub.shelf.library.places:
        raise BadInput("There is no such place.")
    if form.team and not await session.scalar(sa.select(Team.id).where(Team.slug == form.team)):
        raise BadInput("There is no such team.")
    words = {code: _words(hub, user, code, text, form, old) for code, text in texts.items()}
    files = await _files(session, user, form, old)
    try:
        return CannedReply.model_validate(
            {
                "shortcut": shortcut,
                "title": _clean(form.title),
                "category": form.category,
                "place": form.place or None,
                "team": form.team or None,
                "texts": words,
                "files": files,
            }
        )
    except ValidationError:
        raise BadInput("A title and a shortcut are needed: small letters a to z, digits and hyphens.") from None


async def _files(session: AsyncSession, user: User, form: Form, old: CannedReply | None) -> dict[str, tuple[str, ...]]:
    """Those that stay, then the new ones. Only what the reply had can stay: the form makes no other file part of it."""
    found: dict[str, tuple[str, ...]] = {}
    for code in (ALL, *ANSWER_LANGUAGES):
        had = old.files.get(code, ()) if old else ()  # type: ignore[call-overload]
        stay = [name for name in had if name in form.kept.get(code, ())]
        names = tuple(dict.fromkeys([*stay, *await canned_files.add(session, user, form.uploads.get(code, ()))]))
        if len(names) > FILES:
            raise BadInput("At most {limit} files go with a reply.", limit=FILES)
        if names:
            found[code] = names
    return found


def _words(
    hub: Hub, user: User, code: str, text: str, form: Form, old: CannedReply | None
) -> dict[str, str | date | None]:
    before = old.texts.get(code) if old else None  # type: ignore[call-overload]
    if before is not None and before.text == text and before.approved_by:
        return {"text": text, "approved_by": before.approved_by, "approved_on": before.approved_on}
    if code not in form.approved:
        return {"text": text}
    return {"text": text, "approved_by": user.name, "approved_on": hub.today}


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _current() -> sa.Select[ContentVersion, str | None]:
    query = sa.select(ContentVersion, User.name).outerjoin(User, ContentVersion.user_id == User.id)
    return query.where(ContentVersion.kind == KIND, ContentVersion.current)


def _kept(version: ContentVersion, name: str | None) -> Kept:
    return Kept(CannedReply.model_validate(version.data), version.version, version.published_at, name)
