"""Makes content live: loads YAML as published versions without ever overwriting what was edited in the hub."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.feed import notify
from app.models import ContentIncoming, ContentVersion
from flows.aspects import DAY, changed, fingerprints
from flows.load import Content

Origin = Literal["starter", "file", "hub"]
ORIGINS: tuple[str, ...] = get_args(Origin)
"""Where words come from, the weakest first: shipped with the hub, a folder that a town loads, edited in the hub."""


@dataclass
class Loaded:
    """What a load did, per piece of content ('entry work.wage_unpaid')."""

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # edited in the hub: the file's words were not taken
    waiting: list[str] = field(default_factory=list)  # of those: newer words that somebody has to decide upon


async def hold_content(session: AsyncSession) -> None:
    """Nobody else publishes until this transaction ends. First of all locks: whoever holds a row or a draft never asks for it."""
    await session.execute(sa.text("lock table content_versions in share row exclusive mode"))


async def load(session: AsyncSession, content: Content, *, origin: Origin = "file", source: str = "") -> Loaded:
    """Publish what is new or changed in the files. Idempotent.

    What stands higher is never overwritten but named in `kept`: edits made in the hub win over files, and a town's own
    files over the starter content, which every start loads again. What is new in it is stored to be decided upon in the
    editor. `source`: the folder's name.
    """
    await hold_content(session)
    result = Loaded()
    rows = await session.scalars(sa.select(ContentVersion).where(ContentVersion.current))
    live = {(row.kind, row.key): row for row in rows}
    for kind, key, data in content.pieces():
        name = f"{kind} {key}"
        current = live.get((kind, key))
        if current is not None and current.hash == content_hash(data):
            result.unchanged.append(name)
        elif current is not None and ORIGINS.index(current.origin) > ORIGINS.index(origin):
            result.kept.append(name)
            if await _remember(session, current, data, origin, source):
                result.waiting.append(name)
        else:
            await publish_version(session, kind, key, data, origin=origin)
            result.published.append(name)
    return result


async def incoming_base(session: AsyncSession, kind: str, key: str, origin: str) -> dict[str, Any]:
    """What the hub's own words began from: what was last decided upon, else the newest that a file brought."""
    row = await session.scalar(_incoming(kind, key, origin))
    if row is not None and row.settled_hash:
        return row.settled
    lower = ORIGINS[: ORIGINS.index(origin) + 1]
    query = sa.select(ContentVersion.data).where(ContentVersion.kind == kind, ContentVersion.key == key)
    query = query.where(ContentVersion.origin.in_(lower)).order_by(ContentVersion.version.desc()).limit(1)
    return await session.scalar(query) or {}


async def _remember(
    session: AsyncSession, live: ContentVersion, data: dict[str, Any], origin: Origin, source: str
) -> bool:
    """Whether there are words in it that nobody has decided upon."""
    row = await session.scalar(_incoming(live.kind, live.key, origin))
    base = await incoming_base(session, live.kind, live.key, origin)
    is_new = bool(changed(base, data) and changed(live.data, data))
    if row is None and not is_new:
        return False
    if row is None:
        row = ContentIncoming(kind=live.kind, key=live.key, origin=origin)
        session.add(row)
    if row.hash != content_hash(data):
        row.seen_at = sa.func.now()
    row.source, row.data, row.hash = source, data, content_hash(data)
    if not is_new:
        row.settled, row.settled_hash = data, row.hash
    await session.flush()
    return row.hash != row.settled_hash


def _incoming(kind: str, key: str, origin: str) -> sa.Select[ContentIncoming]:
    return sa.select(ContentIncoming).where(
        ContentIncoming.kind == kind, ContentIncoming.key == key, ContentIncoming.origin == origin
    )


async def publish_version(
    session: AsyncSession,
    kind: str,
    key: str,
    data: dict[str, Any],
    *,
    origin: Origin,
    user_id: int | None = None,
    note: str = "",
    approvals: Mapping[str, Any] | None = None,
) -> ContentVersion:
    """A new version becomes the live one; the older ones stay as they are. Whoever approves a language confirms it."""
    newest = await session.scalar(
        sa.select(ContentVersion)
        .where(ContentVersion.kind == kind, ContentVersion.key == key)
        .order_by(ContentVersion.version.desc())
        .limit(1)
    )
    before = await live_version(session, kind, key)
    await session.execute(
        sa.update(ContentVersion)
        .where(ContentVersion.kind == kind, ContentVersion.key == key, ContentVersion.current)
        .values(current=False)
    )
    number = newest.version + 1 if newest else 1
    renewed = changed(before.data if before else None, data) | set(approvals or ())
    kept = {**before.words_of, **dict.fromkeys(renewed, number)} if before else dict.fromkeys(renewed, number)
    version = ContentVersion(
        kind=kind,
        key=key,
        version=number,
        current=True,
        data=data,
        hash=content_hash(data),
        origin=origin,
        user_id=user_id,
        note=note,
        approvals=dict(approvals or {}),
        words_of={aspect: kept[aspect] for aspect in sorted(fingerprints(data)) if aspect in kept},
    )
    session.add(version)
    await session.flush()
    await notify(session, "content")
    return version


async def live_version(session: AsyncSession, kind: str, key: str) -> ContentVersion | None:
    query = sa.select(ContentVersion).where(ContentVersion.kind == kind, ContentVersion.key == key)
    return await session.scalar(query.where(ContentVersion.current).execution_options(populate_existing=True))


async def export(session: AsyncSession) -> list[tuple[str, str, dict[str, Any]]]:
    """(kind, key, data) of everything live; drafts are not."""
    rows = await session.scalars(
        sa.select(ContentVersion).where(ContentVersion.current).order_by(ContentVersion.kind, ContentVersion.key)
    )
    return [(row.kind, row.key, row.data) for row in rows]


def content_hash(data: dict[str, Any]) -> str:
    """Of what stands there: a field that a newer model knows and nobody has filled in makes no other version."""
    return hashlib.sha256(json.dumps(_filled(data), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _filled(value: Any) -> Any:
    """Without what is empty, but for days: one without hours is a day on which it is closed."""
    if isinstance(value, dict):
        parts = {name: _filled(each) for name, each in value.items()}
        return {name: each for name, each in parts.items() if each not in (None, "", [], {}) or DAY.fullmatch(name)}
    return [_filled(each) for each in value] if isinstance(value, list) else value
