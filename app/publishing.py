"""Makes content live: loads YAML as published versions without ever overwriting what was edited in the hub."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.feed import notify
from app.models import ContentVersion
from flows.aspects import changed, fingerprints
from flows.load import Content

Origin = Literal["starter", "file", "hub"]
ORIGINS: tuple[str, ...] = get_args(Origin)
"""Where words come from, the weakest first: shipped with the hub, a folder that a town loads, edited in the hub."""


@dataclass
class Loaded:
    """What a load did, per piece of content ('entry work.wage_unpaid')."""

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # edited in the hub: the file's newer words were not taken


async def load(session: AsyncSession, content: Content, *, origin: Origin = "file") -> Loaded:
    """Publish what is new or changed in the files. Idempotent.

    What stands higher is never overwritten but named in `kept`: edits made in the hub win over files, and a town's own
    files over the starter content, which every start loads again.
    """
    await session.execute(sa.text("lock table content_versions in share row exclusive mode"))
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
        else:
            await publish_version(session, kind, key, data, origin=origin)
            result.published.append(name)
    return result


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
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
