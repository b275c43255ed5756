"""Templates for WhatsApp and letters as forms: words per language, what a provider calls them, where they are from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, open_piece
from app.editor.entries import LANGUAGES
from app.editor.entry_form import Data, Fields
from app.errors import NotFound
from app.models import ContentDraft, ContentVersion

Kind = Literal["template", "letter"]
KINDS: tuple[Kind, ...] = ("template", "letter")
WORDS: Mapping[Kind, tuple[str, ...]] = {
    "template": ("body", "meta_name", "content_sid"),
    "letter": ("names", "subject", "body"),
}
"""What each language has. A template keeps them by language, a letter each by itself."""
LONGEST = 1024  # characters of a template's words: Meta takes no more
CATEGORIES = ("utility", "marketing")


@dataclass(frozen=True, slots=True)
class Row:
    kind: Kind
    key: str
    about: str
    missing: tuple[str, ...]  # languages without words
    unnamed: tuple[str, ...]  # of a template: languages that no provider has approved
    draft: bool


async def rows(session: AsyncSession) -> list[Row]:
    live = await session.execute(
        sa.select(ContentVersion.kind, ContentVersion.key).where(ContentVersion.kind.in_(KINDS), ContentVersion.current)
    )
    drafts = await session.execute(
        sa.select(ContentDraft.kind, ContentDraft.key).where(
            ContentDraft.kind.in_(KINDS), ContentDraft.closed_at.is_(None)
        )
    )
    keys = sorted({(row.kind, row.key) for row in (*live, *drafts)}, key=lambda each: (KINDS.index(each[0]), each[1]))
    return [_row(kind, await open_piece(session, kind, key)) for kind, key in keys]


async def find(session: AsyncSession, key: str) -> Piece:
    """The template of this name, else the letter. Raises NotFound."""
    try:
        return await open_piece(session, "template", key)
    except NotFound:
        return await open_piece(session, "letter", key)


def words_of(kind: str, data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Language -> field -> words, for all languages."""
    if kind == "template":
        languages = data.get("languages") or {}
        return {
            code: {name: (languages.get(code) or {}).get(name) or "" for name in WORDS["template"]}
            for code in LANGUAGES
        }
    return {code: {name: (data.get(name) or {}).get(code) or "" for name in WORDS["letter"]} for code in LANGUAGES}


def read(kind: str, form: Fields, base: Mapping[str, Any]) -> Data:
    """What the form has, laid over the piece."""
    if kind == "template":
        languages = {code: _words(form, "template", code) for code in LANGUAGES}
        category = str(form.get("category") or "")
        return {
            **base,
            "purpose": str(form.get("purpose") or ""),
            "category": category if category in CATEGORIES else CATEGORIES[0],
            "languages": {code: words for code, words in languages.items() if words},
        }
    written = {code: _words(form, "letter", code) for code in LANGUAGES}
    sources = [line.strip() for line in str(form.get("sources") or "").splitlines() if line.strip()]
    return {
        **base,
        **{name: {code: words[name] for code, words in written.items() if name in words} for name in WORDS["letter"]},
        "sources": sources,
    }


def _words(form: Fields, kind: Kind, code: str) -> dict[str, str]:
    found = {name: str(form.get(f"{name}_{code}") or "").replace("\r\n", "\n").strip() for name in WORDS[kind]}
    return {name: text for name, text in found.items() if text}


def _row(kind: Kind, piece: Piece) -> Row:
    words = words_of(kind, piece.data)
    told = {code: each for code, each in words.items() if each["body"]}
    return Row(
        kind=kind,
        key=piece.key,
        about=piece.data.get("purpose") or words["de"].get("names") or piece.key,
        missing=tuple(code for code in words if code not in told),
        unnamed=tuple(
            c for c, each in told.items() if kind == "template" and not (each["meta_name"] or each["content_sid"])
        ),
        draft=piece.draft is not None,
    )
