"""A missing language of an entry, drafted by machine: kept apart from what is live until a person has approved it.

A draft is content of its own kind, so the library never sees it; approving it publishes a new version of the entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.hub import Hub
from app.models import ContentVersion, User
from app.publishing import publish_version
from app.rendering import read
from app.rights import ALL_PLACES
from flows.model import ANSWER_LANGUAGES, LABEL_CHARS, MESSAGE_CHARS, PLACEHOLDER, SMS_CHARS, Answer, Entry
from translations.machine import NoRoute, TooSlow

KIND = "draft"
SOURCE = "de"


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """`answer` has an answer's fields, but may still break its limits: `problems` says which."""

    topic: str
    language: str
    of_version: int
    route: tuple[str, ...]
    answer: Mapping[str, Any]
    problems: tuple[str, ...]


async def draft(
    hub: Hub, session: AsyncSession, topic: str, language: str, *, user: User | None = None
) -> MachineDraft:
    """From the German words of the live entry. Again is anew."""
    version, entry = await _entry(session, topic)
    german = entry.answers.get("de")
    if language not in ANSWER_LANGUAGES or language == SOURCE:
        raise BadInput("Answers exist in {languages} only.", languages=", ".join(ANSWER_LANGUAGES))
    if language in entry.answers:
        raise Conflict("This entry has words in this language already.")
    if german is None:
        raise BadInput("This entry has no German words to draft from.")
    try:
        answer, route = await _translated(hub, session, german, language)
    except NoRoute:
        raise BadInput("No translation packages lead from German to this language.") from None
    except TooSlow:
        raise BadInput("The machine took too long. Try again.") from None
    data = {
        "topic": topic, "language": language, "origin": "machine", "of_version": version, "route": list(route),
        "answer": answer,
    }  # fmt: skip
    await publish_version(session, KIND, f"{topic}:{language}", data, origin="hub", user_id=user.id if user else None)
    return _of(data)


async def drafts(session: AsyncSession) -> list[MachineDraft]:
    """Those that wait for a person."""
    query = sa.select(ContentVersion.data).where(ContentVersion.kind == KIND, ContentVersion.current)
    return [_of(data) for data in await session.scalars(query.order_by(ContentVersion.key))]


async def approve(
    hub: Hub, session: AsyncSession, user: User, topic: str, language: str, answer: Mapping[str, Any]
) -> Entry:
    """The words as a coordinator leaves them go live in that language, in their name."""
    if user.role not in ALL_PLACES:
        raise NotAllowed("Only coordinators and admins may do this.")
    await session.execute(sa.text("lock table content_versions in share row exclusive mode"))
    waiting = await session.scalar(
        sa.select(ContentVersion).where(
            ContentVersion.kind == KIND, ContentVersion.key == f"{topic}:{language}", ContentVersion.current
        )
    )
    if waiting is None:
        raise NotFound("There is no such draft.")
    _, entry = await _entry(session, topic)
    if language in entry.answers:
        raise Conflict("This entry has words in this language already.")
    try:
        checked = Answer.model_validate({**answer, "approved_by": user.name, "approved_on": hub.now().date()})
    except ValidationError:
        raise BadInput("The words are too long or something is missing.") from None
    data = entry.model_dump(mode="json")
    data["answers"] = {**data["answers"], language: checked.model_dump(mode="json")}
    await publish_version(session, "entry", topic, data, origin="hub", user_id=user.id)
    waiting.current = False
    await audit.note(session, user, "draft_approved", topic=topic, language=language)
    return Entry.model_validate(data)


async def _entry(session: AsyncSession, topic: str) -> tuple[int, Entry]:
    row = await session.scalar(
        sa.select(ContentVersion).where(
            ContentVersion.kind == "entry", ContentVersion.key == topic, ContentVersion.current
        )
    )
    if row is None:
        raise NotFound("There is no such entry.")
    return row.version, Entry.model_validate(row.data)


async def _translated(
    hub: Hub, session: AsyncSession, german: Answer, language: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    route: tuple[str, ...] = ()

    async def say(text: str) -> str:
        nonlocal route
        keys = PLACEHOLDER.findall(text)
        said = await read(hub, session, PLACEHOLDER.sub(r"@\1", text), SOURCE, language)  # '@' words are never touched
        route = max(route, said.route, key=len)
        words = said.text
        for key in sorted(set(keys), key=len, reverse=True):
            words = words.replace(f"@{key}", f"{{{key}}}")
        return words

    answer = {
        "label": await say(german.label),
        "question": await say(german.question),
        "words": [],
        "messages": [await say(text) for text in german.messages],
        "sms": await say(german.sms),
    }
    return answer, route


def _of(data: Mapping[str, Any]) -> MachineDraft:
    answer = data["answer"]
    return MachineDraft(
        data["topic"], data["language"], data["of_version"], tuple(data["route"]), answer, tuple(_problems(answer))
    )


def _problems(answer: Mapping[str, Any]) -> Iterator[str]:
    if len(answer["label"]) > LABEL_CHARS:
        yield f"label has more than {LABEL_CHARS} characters"
    if any(len(text) > MESSAGE_CHARS for text in answer["messages"]):
        yield f"a message has more than {MESSAGE_CHARS} characters"
    if len(answer["sms"]) > SMS_CHARS:
        yield f"sms has more than {SMS_CHARS} characters"
