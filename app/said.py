"""Which entries stand word by word in what a colleague sends: noted on the message as it is on the bot's answers.

Found in the text itself, so that it holds for drafts, replies for later and what was pasted, and not for changed words.
"""

from datetime import date
from typing import Any

from flows.library import Library, NotSayable, Said

SHORTEST = 40  # characters; no entry is shorter


def answers_in(library: Library, text: str, place: str, on: date) -> list[dict[str, Any]]:
    """For a message's payload: topic, version and language of each."""
    if len(text) < SHORTEST:
        return []
    return [
        {"topic": said.topic, "version": said.version, "language": said.language}
        for said in _sayable(library, place, on)
        if said.sms in text or all(message in text for message in said.messages)
    ]


def _sayable(library: Library, place: str, on: date) -> list[Said]:
    found = []
    for topic, (_, entry) in library.entries.items():
        for language in entry.answers:
            try:
                found.append(library.say(topic, language, place, on))
            except NotSayable:
                continue
    return found
