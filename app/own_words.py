"""What the bot said, in German: from the same version of the entry that it came from, or from the phrase. No machine needed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.models import ContentVersion
from flows.library import Library, NotSayable
from flows.model import UNDERSTOOD_LANGUAGES, Entry
from translations.phrases import catalogue, has_phrase, phrase
from translations.script import skeleton

GERMAN = "de"


async def own_words(
    hub: Hub, session: AsyncSession, text: str, payload: Mapping[str, Any], place: str, on: date
) -> str | None:
    """None where the words stand in no entry and are no fixed phrase: menus, and what has a name or a date in it."""
    said = skeleton(text)
    for answer in payload.get("answers", ()):
        data = await session.scalar(
            sa.select(ContentVersion.data).where(
                ContentVersion.kind == "entry",
                ContentVersion.key == answer["topic"],
                ContentVersion.version == answer["version"],
            )
        )
        if data is None:
            continue
        entries = {answer["topic"]: (int(answer["version"]), Entry.model_validate(data))}
        if found := _from_entry(replace(hub.shelf.library, entries=entries), answer, said, place, on):
            return found
    key = _phrases().get(said)
    return phrase(key, GERMAN) if key else None


def _from_entry(library: Library, answer: Mapping[str, Any], said: str, place: str, on: date) -> str | None:
    """Compared as skeletons, because by SMS the words went out in other letters; more may stand below, such as a mark."""
    try:
        theirs = library.say(answer["topic"], answer["language"], place, on)
        ours = library.say(answer["topic"], GERMAN, place, on)
    except NotSayable:
        return None
    pairs = [(theirs.sms, ours.sms)]
    if len(theirs.messages) == len(ours.messages):
        pairs += zip(theirs.messages, ours.messages, strict=True)
    return next((german for words, german in pairs if said.startswith(skeleton(words))), None)


@cache
def _phrases() -> Mapping[str, str]:
    """Skeleton -> key, in all languages, of the phrases that have nothing to be filled in."""
    return {
        skeleton(words): key
        for language in UNDERSTOOD_LANGUAGES
        for key, words in catalogue(language).items()
        if "{" not in words and has_phrase(key, GERMAN)
    }
