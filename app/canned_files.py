"""Files that canned replies, flows and answers send: kept as content, and deleted where nobody sends them."""

import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath
from typing import Any
from unicodedata import combining, normalize

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.feed import notify
from app.models import ContentDraft, ContentVersion, User
from app.publishing import hold_content, publish_version
from app.rights import ALL_PLACES
from channels.base import MediaFile
from flows.model import FILE_BYTES, ContentFile
from translations.script import skeleton

KIND = "file"
SENDERS = ("canned", "flow", "entry")
FIELDS = frozenset({"files", "image", "audio"})
"""Of these kinds of content, what names files."""
ENDINGS = {
    "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "audio/ogg": ".ogg", "audio/mpeg": ".mp3",
}  # fmt: skip
BEGINS = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "audio/ogg": (b"OggS",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
}
"""How a file of each kind begins: it goes to many people, and a wrong ending would open on none of their phones."""
NAME_CHARS = 60
UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}


@dataclass(frozen=True, slots=True)
class FileInfo:
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A file and who sends it: shortcuts of canned replies, flows, topics of answers."""

    file: FileInfo
    replies: tuple[str, ...]
    flows: tuple[str, ...]
    entries: tuple[str, ...]


async def infos(session: AsyncSession, names: Collection[str]) -> dict[str, FileInfo]:
    """By name; without their contents. Who asks has authorised: files of replies are no secret."""
    query = _columns().where(ContentVersion.key.in_(names))
    return {name: FileInfo(name, mime, _size(length)) for name, mime, length in await session.execute(query)}


async def all_files(session: AsyncSession) -> list[Listed]:
    users = await _users(session)
    rows = await session.execute(_columns().order_by(ContentVersion.key))
    found = [FileInfo(name, mime, _size(length)) for name, mime, length in rows]
    return [Listed(file, *(tuple(users[kind].get(file.name, ())) for kind in SENDERS)) for file in found]


async def read(session: AsyncSession, name: str) -> ContentFile:
    data = await session.scalar(_current().where(ContentVersion.key == name).with_only_columns(ContentVersion.data))
    if data is None:
        raise NotFound("There is no such file.")
    return ContentFile.model_validate(data)


async def for_sending(session: AsyncSession, names: Iterable[str]) -> list[MediaFile]:
    """Each once. Raises BadInput where one is gone: nobody sends a form's words without the form."""
    try:
        files = [await read(session, name) for name in dict.fromkeys(names)]
    except NotFound:
        raise BadInput("A file of this reply no longer exists. Take it away, then send.") from None
    return [MediaFile(file.data, file.mime, file.name) for file in files]


async def add(session: AsyncSession, user: User, uploads: Sequence[MediaFile]) -> tuple[str, ...]:
    """Keep uploaded files; under which names. The caller holds the lock of the content, which names are chosen under."""
    return tuple([await _add(session, user, check(file)) for file in uploads])


def check(file: MediaFile) -> MediaFile:
    """Says in words what is wrong."""
    if file.mime not in ENDINGS:
        raise BadInput("A reply can carry PDF, PNG and JPEG pictures, OGG and MP3 recordings, and no other files.")
    if not file.content.startswith(BEGINS[file.mime]):
        raise BadInput("{name} is damaged, or its ending says something else than what it is.", name=file.name or "?")
    if len(file.content) > FILE_BYTES:
        raise BadInput("{name} is too big: at most {limit} MB, so that a phone with little data left still opens it.",
                       name=file.name or "?", limit=FILE_BYTES // 1_000_000)  # fmt: skip
    return file


async def delete(session: AsyncSession, user: User, name: str) -> None:
    """Nobody is sent it any more; its versions stay. Raises Conflict while somebody still sends it."""
    await lock(session, user)
    if await session.scalar(_current().where(ContentVersion.key == name).with_only_columns(ContentVersion.id)) is None:
        raise NotFound("There is no such file.")
    replies, *others = (users.get(name, ()) for users in (await _users(session)).values())
    if replies or any(others):
        where = ", ".join([*(f"/{shortcut}" for shortcut in replies), *chain(*others)])
        raise Conflict("{name} is still sent by {where}. Take it away there first.", name=name, where=where)
    gone = sa.update(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.key == name)
    await session.execute(gone.values(current=False))
    await audit.note(session, user, "file_deleted", name=name)
    await notify(session, "content")


async def lock(session: AsyncSession, user: User) -> None:
    """Rare, and short: versions are counted, and uses looked up, under it."""
    if user.role not in ALL_PLACES:
        raise NotAllowed("Only coordinators and admins may do this.")
    await hold_content(session)


async def _add(session: AsyncSession, user: User, file: MediaFile) -> str:
    """Never over another file that has the same name: a number is added. The same file is kept once."""
    stem = _stem(file.name or "")
    number = 1
    while True:
        name = f"{stem}{'' if number == 1 else f'-{number}'}{ENDINGS[file.mime]}"
        data = {"name": name, "mime": file.mime, "content": b64encode(file.content).decode()}
        there = await session.scalar(_current().where(ContentVersion.key == name))
        if there is None:
            await publish_version(session, KIND, name, data, origin="hub", user_id=user.id)
        if there is None or there.data == data:
            return name
        number += 1


def _stem(name: str) -> str:
    """What the person sees, in letters that every phone and every folder takes: 'antrag-kita'."""
    german = PurePosixPath(normalize("NFC", name)).stem.casefold().translate(UMLAUTS)
    plain = "".join(letter for letter in normalize("NFKD", german) if not combining(letter))
    words = re.findall(r"[^\W_]+", plain)
    return "-".join(word if word.isascii() else skeleton(word) for word in words)[:NAME_CHARS].strip("-") or "file"


async def _users(session: AsyncSession) -> dict[str, dict[str, list[str]]]:
    """Kind -> file -> who sends it: as it is live, deleted replies too, which may be had back; and as somebody drafts it."""
    live = sa.select(ContentVersion.kind, ContentVersion.key, ContentVersion.data).where(ContentVersion.current)
    drafted = sa.select(ContentDraft.kind, ContentDraft.key, ContentDraft.data).where(ContentDraft.closed_at.is_(None))
    found: dict[str, dict[str, list[str]]] = {kind: {} for kind in SENDERS}
    for query in (live.where(ContentVersion.kind.in_(SENDERS)), drafted.where(ContentDraft.kind.in_(SENDERS))):
        for kind, key, data in await session.execute(query):
            for name in _named(data):
                keys = found[kind].setdefault(name, [])
                keys += [] if key in keys else [key]
    return found


def _named(value: Any, *, sends: bool = False) -> Iterator[str]:
    """Names of files, wherever a field holds some: a draft may be half done, and no model reads it."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _named(each, sends=sends or key in FIELDS)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each, sends=sends)
    elif sends and isinstance(value, str):
        yield value


def _columns() -> sa.Select[str, str, int]:
    return sa.select(
        ContentVersion.key, ContentVersion.data["mime"].astext, sa.func.length(ContentVersion.data["content"].astext)
    ).where(ContentVersion.kind == KIND, ContentVersion.current)


def _current() -> sa.Select[ContentVersion]:
    return sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.current)


def _size(base64_chars: int) -> int:
    """Of the file, to three bytes."""
    return base64_chars * 3 // 4
