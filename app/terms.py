"""The glossary as mediators and coordinators keep it. Each change is a new version of the content, and the machine's at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import BadInput, Conflict
from app.mediating import check_mediates
from app.models import ContentVersion, Memory, User
from app.publishing import hold_content, publish_version
from flows.terms import GlossaryTerm

KIND = "term"
LANGUAGES = ("bg", "ro", "uk", "en")


@dataclass(frozen=True, slots=True)
class KeptTerm:
    term: GlossaryTerm
    version: int


@dataclass(frozen=True, slots=True)
class Use:
    """A text that has the German word or one of the words for it. `where`: a topic or a canned reply's shortcut."""

    kind: str  # entry, canned
    where: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a term stands, so that whoever changed it can look there too."""

    texts: tuple[Use, ...]
    memories: int  # remembered sentences: people's, so they are only counted


async def all_terms(session: AsyncSession) -> list[KeptTerm]:
    rows = await session.scalars(_current())
    kept = [KeptTerm(GlossaryTerm.model_validate(row.data), row.version) for row in rows]
    return sorted((each for each in kept if not each.term.deleted), key=lambda each: each.term.de.casefold())


async def save(
    session: AsyncSession, user: User, words: Mapping[str, str], *, seen_version: int, deleted: bool = False
) -> GlossaryTerm:
    """A new term (`seen_version` 0) or a changed one. Raises Conflict where somebody has changed it since."""
    check_mediates(user)
    try:
        term = GlossaryTerm.model_validate({**words, "deleted": deleted})
    except ValidationError:
        raise BadInput("A German word is needed, and no text may be longer than a line.") from None
    if not deleted and not any(getattr(term, code) for code in LANGUAGES):
        raise BadInput("At least one language needs words.")
    await hold_content(session)
    row = await session.scalar(_current().where(ContentVersion.key == term.de))
    live = row is not None and not row.data.get("deleted")
    if row is not None and live and row.version != seen_version:
        raise Conflict("This term is there already, or somebody has changed it meanwhile.")
    if row is None or row.data != term.model_dump(mode="json"):
        await publish_version(session, KIND, term.de, term.model_dump(mode="json"), origin="hub", user_id=user.id)
        await audit.note(session, user, "term_changed", term=term.de)
    return term


async def uses_of(session: AsyncSession, german: str) -> Uses:
    """By the German word and by all the words that any version of the term had."""
    rows = await session.scalars(
        sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.key == german)
    )
    words = {language: set[str]() for language in ("de", *LANGUAGES)}
    words["de"].add(german.partition(" (")[0])
    for row in rows:
        for language in LANGUAGES:
            words[language] |= {row.data.get(language) or ""} - {""}
    content = await session.scalars(
        sa.select(ContentVersion)
        .where(ContentVersion.current, ContentVersion.kind.in_(("entry", "canned")))
        .order_by(ContentVersion.kind.desc(), ContentVersion.key)
    )
    found = [Use(row.kind, row.key, tuple(_languages(row, words))) for row in content]
    return Uses(tuple(use for use in found if use.languages), await _memories(session, words))


def _languages(row: ContentVersion, words: Mapping[str, set[str]]) -> Iterator[str]:
    texts: Mapping[str, Any] = row.data.get("answers" if row.kind == "entry" else "texts", {})
    for language, said in texts.items():
        whole = " ".join(_strings(said)).casefold()
        if any(word.casefold() in whole for word in words.get(language, set()) | words["de"]):
            yield language


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for each in data.values():
            yield from _strings(each)
    elif isinstance(data, Sequence):
        for each in data:
            yield from _strings(each)


async def _memories(session: AsyncSession, words: Mapping[str, set[str]]) -> int:
    german = [Memory.sentence.icontains(word, autoescape=True) for word in words["de"]]
    german += [Memory.text.icontains(word, autoescape=True) for word in words["de"]]
    others = [
        sa.and_(Memory.target == language, Memory.text.icontains(word, autoescape=True))
        for language in LANGUAGES
        for word in words[language]
    ]
    query = sa.select(sa.func.count()).select_from(Memory).where(sa.or_(*german, *others))
    return await session.scalar(query) or 0


def _current() -> sa.Select[ContentVersion]:
    return sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.current)
