"""Entries as coordinators see them: which there are and how each language stands, and a new one from nothing."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, create
from app.errors import BadInput
from app.hub import Hub
from app.models import ContentDraft, ContentVersion, User
from channels.transliterate import transliterate
from flows.aspects import STRUCTURE, changed
from flows.model import ANSWER_LANGUAGES
from translations.script import skeleton

KIND = "entry"
BASE = "de"
LANGUAGES = (BASE, *(code for code in ANSWER_LANGUAGES if code != BASE))
"""German first: the other languages are written from it."""
REVIEW_AFTER = timedelta(days=365)
LONGEST_NAME = 40
TOPIC = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NO_NAME = re.compile(r"[^a-z0-9]+")

State = Literal["missing", "machine", "changed", "draft", "approved"]
"""machine: drafted by machine, and not approved; changed: waits for being published; draft: live, but nobody approved it."""


@dataclass(frozen=True, slots=True)
class Row:
    """`older`: languages whose words are older than the German ones."""

    topic: str
    label: str
    question: str
    states: Mapping[str, State]
    older: frozenset[str]
    structure: bool  # what has no language was changed
    new: bool  # not live yet
    review_on: date | None
    text: str  # all its words, to search in

    @property
    def area(self) -> str:
        return self.topic.partition(".")[0]


async def rows(session: AsyncSession, sought: str = "") -> list[Row]:
    """All entries by topic, those being written among them; `sought`: only those that have all its words somewhere."""
    live = await session.scalars(sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.current))
    drafts = await session.scalars(
        sa.select(ContentDraft).where(ContentDraft.kind == KIND, ContentDraft.closed_at.is_(None))
    )
    versions, open_ = {row.key: row for row in live}, {row.key: row for row in drafts}
    found = [_row(key, versions.get(key), open_.get(key)) for key in sorted(versions.keys() | open_.keys())]
    words = skeleton(sought).split()
    return [row for row in found if all(word in skeleton(row.text) for word in words)] if words else found


async def begin(
    hub: Hub, session: AsyncSession, user: User, area: str, *, label: str, question: str, name: str = ""
) -> Piece:
    """A new entry with its German question, named by `name` or by its label. Raises BadInput, and Conflict for a taken name."""
    if not label.strip() or not question.strip():
        raise BadInput("A new answer needs a short name and the question, in German.")
    topic = f"{area}.{slug(name or label)}"
    if not TOPIC.fullmatch(topic):
        raise BadInput("The name in addresses needs letters from a to z.")
    today = hub.today
    data = {
        "topic": topic,
        "sources": [],
        "law_as_of": today.isoformat(),
        "review_on": (today + REVIEW_AFTER).isoformat(),
        "answers": {BASE: {"label": label, "question": question, "messages": []}},
    }
    return await create(hub, session, user, KIND, topic, data)


def slug(words: str) -> str:
    """'Mein Fahrrad ist weg' -> 'mein_fahrrad_ist_weg'."""
    latin = transliterate(words, "bg").lower().translate(UMLAUTS)
    return (
        NO_NAME.sub("_", unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode())
        .strip("_")[:LONGEST_NAME]
        .strip("_")
    )


def state_of(answer: Mapping[str, Any] | None, *, machine: bool, approved: bool, touched: bool) -> State:
    if not answer:
        return "missing"
    if machine and not approved:
        return "machine"
    if touched:
        return "changed"
    return "approved" if answer.get("approved_by") else "draft"


def states_of(live: ContentVersion | None, draft: ContentDraft | None) -> dict[str, State]:
    data = draft.data if draft else live.data if live else {}
    touched = changed(live.data if live else None, draft.data) if draft else set()
    return {
        code: state_of(
            data.get("answers", {}).get(code),
            machine=bool(draft and code in draft.marks.get("machine", ())),
            approved=bool(draft and code in draft.approvals),
            touched=code in touched,
        )
        for code in LANGUAGES
    }


def older_than_base(live: ContentVersion | None) -> frozenset[str]:
    """Languages whose words were last changed or confirmed before the German ones."""
    words = live.words_of if live else {}
    return frozenset(code for code in LANGUAGES if code in words and words[code] < words.get(BASE, 0))


def _row(key: str, live: ContentVersion | None, draft: ContentDraft | None) -> Row:
    data: Mapping[str, Any] = draft.data if draft else live.data if live else {}
    answers = data.get("answers") or {}
    base: Mapping[str, Any] = answers.get(BASE) or next(iter(answers.values()), {})
    review = data.get("review_on")
    return Row(
        topic=key,
        label=str(base.get("label", "")) or key,
        question=str(base.get("question", "")),
        states=states_of(live, draft),
        older=older_than_base(live),
        structure=draft is not None and STRUCTURE in changed(live.data if live else None, draft.data),
        new=live is None,
        review_on=day(review),
        text=" ".join([key, *_words(answers), *_words(data.get("places") or {})]),
    )


def day(written: object) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _words(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _words(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _words(inner)]
    return [value] if isinstance(value, str) else []
