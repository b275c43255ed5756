"""A missing language of an entry, drafted by machine from the German words: into the draft that all share, marked as the
machine's until a person has approved it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import open_drafts, open_piece, save
from app.editor.entries import BASE, KIND
from app.editor.hints import TooLong, hints_for
from app.editor.policy import check_edits
from app.errors import BadInput, Conflict
from app.hub import Hub
from app.models import User
from app.rendering import read
from app.rights import ALL_PLACES
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER
from translations.machine import NoRoute, TooSlow


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """`answer` has an answer's fields, but may still break its limits: `problems` says which."""

    topic: str
    language: str
    answer: Mapping[str, Any]
    problems: tuple[TooLong, ...]
    route: tuple[str, ...] = ()  # languages passed through; known only where it was just made


async def draft(hub: Hub, session: AsyncSession, user: User, topic: str, language: str) -> MachineDraft:
    """From the German words as they stand in the draft, else as they are live. Raises Stale where somebody saves meanwhile."""
    check_edits(user)
    if language not in ANSWER_LANGUAGES or language == BASE:
        raise BadInput("Answers exist in {languages} only.", languages=", ".join(ANSWER_LANGUAGES))
    piece = await open_piece(session, KIND, topic)
    answers = piece.data.get("answers") or {}
    if language in answers:
        raise Conflict("This entry has words in this language already.")
    if not (answers.get(BASE) or {}).get("messages"):
        raise BadInput("This entry has no German words to draft from.")
    try:
        answer, route = await _translated(hub, session, answers[BASE], language)
    except NoRoute:
        raise BadInput("No translation packages lead from German to this language.") from None
    except TooSlow:
        raise BadInput("The machine took too long. Try again.") from None
    data = {**piece.data, "answers": {**answers, language: answer}}
    await save(hub, session, user, KIND, topic, data, seen=piece.revision, machine=(language,))
    return MachineDraft(topic, language, answer, hints_for(data, language).too_long, route)


async def drafts(session: AsyncSession) -> list[MachineDraft]:
    """What a machine wrote and nobody has approved yet."""
    found = [piece for piece in await open_drafts(session) if piece.kind == KIND and piece.draft]
    return [
        MachineDraft(piece.key, code, piece.data["answers"][code], hints_for(piece.data, code).too_long)
        for piece in sorted(found, key=lambda piece: piece.key)
        for code in (piece.draft.marks.get("machine", []) if piece.draft else [])
        if code in piece.data.get("answers", {}) and piece.draft and code not in piece.draft.approvals
    ]


async def who_drafts(session: AsyncSession, email: str) -> User:
    """The colleague in whose name a command drafts; without a name, the first who may."""
    query = sa.select(User).where(User.role.in_(ALL_PLACES), User.disabled_at.is_(None)).order_by(User.id).limit(1)
    found = await session.scalar(query.where(User.email == email) if email else query)
    if found is None:
        raise BadInput("There is no coordinator or admin of this name: 'streetwork user add' makes one.")
    return found


async def _translated(
    hub: Hub, session: AsyncSession, german: Mapping[str, Any], language: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    route: tuple[str, ...] = ()

    async def say(text: str) -> str:
        nonlocal route
        keys = PLACEHOLDER.findall(text)
        said = await read(hub, session, PLACEHOLDER.sub(r"@\1", text), BASE, language)  # '@' words are never touched
        route = max(route, said.route, key=len)
        words = said.text
        for key in sorted(set(keys), key=len, reverse=True):
            words = words.replace(f"@{key}", f"{{{key}}}")
        return words

    answer = {
        "label": await say(german.get("label", "")),
        "question": await say(german.get("question", "")),
        "words": [],
        "messages": [await say(text) for text in german["messages"]],
        "sms": await say(german.get("sms", "")),
    }
    return answer, route
