"""Conversation intents: messages that ask for nothing the FAQ answers, such as a greeting, "a human please" or STOP.

A message has an intent when phrases of it, and fillers, cover every word. So "здравейте" greets, and "здравейте, не ми плащат"
does not. `stop` and `start` must be the whole message. The lists are `content/intents.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.understand.normalise import BREAK, Prepared
from flows.understand.phrases import Hit, PhraseSet, word_forms

ORDER = ("delete", "human", "language", "about", "no", "yes", "thanks", "menu", "greeting")
"""Which intent wins where a message has several: "да, благодаря" says yes."""
EXACT = ("stop", "start")
FREE = frozenset({"human", "delete", "about", "language"})
"""Intents whose phrases also count inside a short sentence with other words."""
_FREE_WORDS = 9  # longest such sentence; longer ones tell a story
_LANGUAGE_WORDS = 5  # "I want to learn German" and the like are longer
_FUZZY = 5  # letters from which one slip of the finger is forgiven
_LONGEST = 24  # words; longer messages are no intent


@dataclass(frozen=True)
class Intent:
    name: str
    language_wanted: str | None
    phrase: str
    sure: bool = True


class IntentLists:
    """The compiled lists of `intents.yaml`."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._exact: dict[str, str] = {}
        for name in EXACT:
            for language, patterns in content.get(name, {}).items():
                for pattern in patterns:
                    self._exact |= {" ".join(f.split()): name for f in word_forms(pattern, language)}
        self._phrases = PhraseSet()
        languages = content.get("language_names", {})
        sets = {"names": [pattern for patterns in languages.values() for pattern in patterns]}
        for name in (*ORDER, "filler"):
            for language, patterns in content.get(name, {}).items():
                self._phrases.add(name, language, patterns, sets)
        self._on = PhraseSet()
        for language, patterns in content.get("goes_on", {}).items():
            self._on.add("goes_on", language, patterns)
        self._named = PhraseSet()
        for named, patterns in languages.items():
            self._named.add(named, named, patterns)
        self._polite = frozenset(
            f for words in content.get("polite", {}).values() for w in words for f in word_forms(w, "")
        )
        self._slips = _slips({word for rule in self._phrases.rules for word in rule.words})

    def read(self, prepared: Prepared) -> Intent | None:
        """The message's intent, or None where it asks something else."""
        words = prepared.words
        if not words or len(words) > _LONGEST:
            return None
        exact = self._stop_or_start(words)
        if exact:
            return exact
        mended = " ".join(self._mend(word) for word in prepared.text.split(" "))
        found = self._free(prepared.text, FREE if len(words) <= _FREE_WORDS else frozenset())
        return found if found or mended == prepared.text else self._free(mended, frozenset())

    def goes_on(self, prepared: Prepared) -> bool:
        """Whether the message begins like the second half of a talk: "and for my wife?"."""
        return any(hit.start == 0 for hit in self._on.find(prepared.text))

    def language_named(self, prepared: Prepared) -> str | None:
        return self._named_in(prepared.text)

    def _free(self, text: str, free: frozenset[str]) -> Intent | None:
        """The intent that covers the text, or one of `free` found in it."""
        hits = self._phrases.find(text)
        names = {hit.rule.label for hit in hits} - {"filler"}
        if not names:
            return None
        if not _covers(hits, text):
            hits = [hit for hit in hits if hit.end - hit.start > 1]  # a single word is no request inside a sentence
            names = {hit.rule.label for hit in hits} & free
            if "language" in names and text.count(" ") >= _LANGUAGE_WORDS:
                names = names - {"language"}
            if not names:
                return None
            hits = [hit for hit in hits if hit.rule.label in names]
        name = next((n for n in ORDER if n in names), None)
        return self._intent(name, hits, text) if name else None

    def _stop_or_start(self, words: tuple[str, ...]) -> Intent | None:
        bare = [w for w in words if w not in self._polite] or list(words)
        name = self._exact.get(" ".join(bare)) if len(bare) <= 4 else None
        return Intent(name, None, " ".join(bare)) if name else None

    def _intent(self, name: str, hits: list[Hit], text: str) -> Intent:
        phrase = next(hit.rule.source for hit in hits if hit.rule.label == name)
        return Intent(name, self._named_in(text) if name == "language" else None, phrase)

    def _named_in(self, text: str) -> str | None:
        return next((hit.rule.label for hit in self._named.find(text)), None)

    def _mend(self, word: str) -> str:
        """A word one letter away from a known long word becomes it."""
        if len(word) < _FUZZY or word in self._slips:
            return word
        for variant in _deletions(word) | {word}:
            for known in self._slips.get("-" + variant, ()):
                return known
        return word


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _slips(words: set[str]) -> dict[str, tuple[str, ...]]:
    """Known words under themselves and, with a dash, under every spelling that lacks one letter."""
    table: dict[str, tuple[str, ...]] = {}
    for word in sorted(words):
        if len(word) < _FUZZY:
            continue
        table[word] = (word,)
        for variant in _deletions(word) | {word}:
            table.setdefault("-" + variant, (word,))
    return table


def _covers(hits: list[Hit], text: str) -> bool:
    open_words = {i for i, word in enumerate(text.split(" ")) if word != BREAK}
    for hit in hits:
        open_words.difference_update(range(hit.start, hit.end))
    return not open_words
