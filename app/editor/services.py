"""The directory kept true: facts of a service go live at once, its words wait for a second person.

Both are one piece of content. Facts are published on top of the live words; a draft of words that waits meanwhile is taken
along to the new version, so that neither undoes the other.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.editor import drafts
from app.editor.drafts import Data, Piece, Stale, open_piece, tidy, wait_turn
from app.editor.policy import SECOND_PERSON, check_edits, policy_now
from app.editor.releasing import Blocked
from app.editor.trial import content_of
from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import ContentDraft, ContentRevision, ContentVersion, User
from app.publishing import hold_content, live_version, publish_version
from flows.aspects import STRUCTURE, changed
from flows.check import check_service
from flows.findings import Issue
from flows.model import Service

KIND = "service"
WORDS = ("about", "how")
"""The fields that have words of the chat; all others are facts."""
SLUG = re.compile(r"[a-z][a-z0-9-]{0,79}")
CONFIRMED_FOR = timedelta(days=183)  # half a year: offices move and numbers change


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed: the draft's revision and the live version, 0 where there is none."""

    revision: int
    version: int

    @classmethod
    def of(cls, piece: Piece) -> "Seen":
        return cls(piece.revision, piece.live.version if piece.live else 0)


@dataclass(frozen=True, slots=True)
class Saved:
    """`version` went live, None where no fact changed; `words_wait` for a second person."""

    version: int | None
    words_wait: bool


async def find(session: AsyncSession, slug: str) -> Piece:
    return await open_piece(session, KIND, slug)


async def taken_slugs(session: AsyncSession) -> set[str]:
    """Whatever was ever a service: a new one must not continue another's versions."""
    found: set[str] = set()
    for model in (ContentVersion, ContentDraft):
        found.update(await session.scalars(sa.select(model.key).where(model.kind == KIND)))
    return found


async def save(
    hub: Hub, session: AsyncSession, user: User, slug: str, data: Mapping[str, Any], *, seen: Seen, note: str = ""
) -> Saved:
    """Raises Stale where the service is not what the page showed, Blocked where the facts contradict each other."""
    piece = await _claim(session, user, slug)
    if Seen.of(piece) != seen:
        raise Stale(piece)
    wanted = _checked(data)
    if piece.live is None:
        await drafts.save(hub, session, user, KIND, slug, wanted, seen=seen.revision)
        return Saved(None, words_wait=True)
    alone = not (await policy_now(session)).four_eyes
    live = piece.live.data
    facts = wanted if alone else {**wanted, **{field: live.get(field, {}) for field in WORDS}}
    version = None
    if tidy(facts) != tidy(live):
        _check(hub, facts, live)
        version = await _publish(hub, session, user, piece.live, facts, note=note, alone=alone)
    await _keep_words(hub, session, user, slug, {**facts, **{field: wanted.get(field, {}) for field in WORDS}})
    return Saved(version, words_wait=(await find(session, slug)).draft is not None)


async def create(hub: Hub, session: AsyncSession, user: User, slug: str, data: Mapping[str, Any]) -> Piece:
    """A new service is a draft: without approved words there is nothing that could be said about it."""
    return await drafts.create(hub, session, user, KIND, slug, _checked(data))


async def confirm(
    hub: Hub,
    session: AsyncSession,
    user: User,
    slug: str,
    *,
    version: int,
    called: Collection[str] = (),
    sure: bool = False,
    note: str = "",
) -> int | None:
    """Everything is as `version` says, as of today; None where that is known already. `called` are the numbers that were
    answered. `sure`: nobody needs to ask first any more.
    """
    live = await _live(session, user, slug, version)
    today = hub.today
    phones = [
        {**phone, "tested_on": today.isoformat()} if phone["number"] in called else phone
        for phone in live.data.get("phones", ())
    ]
    data = {**live.data, "checked_on": today.isoformat(), "phones": phones}
    if sure:
        data["ask_first"] = False
    if data == live.data:
        return None
    return await _publish(hub, session, user, live, data, note=note, why="confirmed")


async def take_back(hub: Hub, session: AsyncSession, user: User, slug: str, *, version: int, note: str = "") -> int:
    """The facts are again as they were before `version`, which must be the live one. The words stay as they are."""
    live = await _live(session, user, slug, version)
    query = sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.key == slug)
    earlier = query.where(ContentVersion.version < version).order_by(ContentVersion.version.desc()).limit(1)
    before = await session.scalar(earlier)
    if before is None:
        raise Conflict("There is no earlier version.")
    words = {field: live.data.get(field, {}) for field in WORDS}
    return await _publish(hub, session, user, live, {**before.data, **words}, note=note, why="taken_back")


async def set_closed(
    hub: Hub, session: AsyncSession, user: User, slug: str, *, version: int, closed: bool, note: str = ""
) -> int:
    """Closed for good: no longer named anywhere; it can be had back."""
    live = await _live(session, user, slug, version)
    day = hub.today.isoformat() if closed else None
    return await _publish(
        hub, session, user, live, {**live.data, "closed_on": day}, note=note, why="closed" if closed else "open"
    )


def issues_of(hub: Hub, data: Mapping[str, Any]) -> list[Issue]:
    """What the checks say of a service that can be read."""
    service = Service.model_validate(data)
    return list(check_service(service, content_of(hub.shelf.library), hub.today))


async def _claim(session: AsyncSession, user: User, slug: str) -> Piece:
    """The service as it is now and stays until this transaction ends. First the table, then the draft, as publishing does."""
    check_edits(user)
    await hold_content(session)
    await wait_turn(session, KIND, slug)
    return await find(session, slug)


async def _live(session: AsyncSession, user: User, slug: str, version: int) -> ContentVersion:
    piece = await _claim(session, user, slug)
    if piece.live is None:
        raise NotFound("This service is not published yet.")
    if piece.live.version != version:
        raise Conflict("A colleague has changed this service meanwhile. Please look again.")
    return piece.live


def _checked(data: Mapping[str, Any]) -> Data:
    try:
        return Service.model_validate(tidy(data)).model_dump(mode="json")
    except ValidationError as error:
        field = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise BadInput("This can't be saved: {field}.", field=field) from None


def _check(hub: Hub, facts: Data, live: Data) -> None:
    """What was wrong before must not keep a right number from going live."""
    before = issues_of(hub, live)
    errors = [issue for issue in issues_of(hub, facts) if issue.severity == "error" and issue not in before]
    if errors:
        raise Blocked(errors)


async def _publish(
    hub: Hub,
    session: AsyncSession,
    user: User,
    live: ContentVersion,
    data: Data,
    *,
    note: str,
    alone: bool = False,
    why: str = "facts",
) -> int:
    own = {"user_id": user.id, "name": user.name, "on": hub.today.isoformat()}
    touched = changed(live.data, data) & SECOND_PERSON[KIND] if alone else set()
    approvals = dict.fromkeys(sorted(touched), own)
    new = await publish_version(
        session, KIND, live.key, data, origin="hub", user_id=user.id, note=note, approvals=approvals
    )
    await audit.note(session, user, "content_published", of=f"{KIND} {live.key}", version=new.version, how=why)
    await _take_along(session, live, new)
    return new.version


async def _take_along(session: AsyncSession, old: ContentVersion, new: ContentVersion) -> None:
    """The open draft stands on the new version now, with every step of its past: no undo brings an old number back.

    Its revision stays, so that who is about to approve its words need not read them again. What began from another
    version than this one stays outdated: somebody has to look at it.
    """
    draft = await session.scalar(
        sa.select(ContentDraft)
        .where(ContentDraft.kind == KIND, ContentDraft.key == new.key, ContentDraft.closed_at.is_(None))
        .with_for_update()
    )
    if draft is None or draft.base_version != old.version:
        return
    for step in await session.scalars(sa.select(ContentRevision).where(ContentRevision.draft_id == draft.id)):
        step.data = _moved(step.data, old.data, new.data)
    draft.data, draft.base_version = _moved(draft.data, old.data, new.data), new.version
    draft.approvals = {aspect: given for aspect, given in draft.approvals.items() if aspect != STRUCTURE}
    await session.flush()


def _moved(draft: Data, old: Data, new: Data) -> Data:
    """What the draft had not changed follows the new version, field by field; what it had, stays."""
    before, after, mine = tidy(old), tidy(new), tidy(draft)
    kept = {field: value for field, value in mine.items() if value != before.get(field)}
    return {**{field: value for field, value in after.items() if field in mine or field not in before}, **kept}


async def _keep_words(hub: Hub, session: AsyncSession, user: User, slug: str, wanted: Data) -> None:
    """What differs from the live version stays as a draft; where nothing does, none is left."""
    piece = await find(session, slug)
    live = await live_version(session, KIND, slug)
    if live is None or (piece.draft is None and tidy(wanted) == tidy(live.data)):
        return
    if tidy(wanted) != tidy(live.data):
        await drafts.save(hub, session, user, KIND, slug, wanted, seen=piece.revision)
    else:
        await drafts.discard(session, user, KIND, slug, seen=piece.revision)
