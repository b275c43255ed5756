"""Danger and deadlines by lists that people keep, beside what `signals` learnt; a hit makes a doubtful message an alarm.

The lists are `content/danger.yaml`: idioms that are blotted out first ("умирам от смях"), then rules per category. A rule counts
unless it is plainly negated ("не ме бие") or, for a few categories, plainly long ago ("преди 2 години ме биеше").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.understand.normalise import BREAK
from flows.understand.phrases import Hit, PhraseSet, blot
from flows.understand.signals import CATEGORIES, DEADLINE
from translations.script import Script

PAST_COUNTS_LESS = frozenset({"violence", "exploitation", "shelter"})
_CYRILLIC = frozenset({"bg", "uk", "ru"})
_LATIN = frozenset({"ro", "de", "en", "tr"})
_NEGATION_REACH = 2  # words before a hit in which a negation undoes it


@dataclass(frozen=True)
class Alarm:
    """What a message warns of; `found` are the rules in their own words, for the explanation."""

    danger: tuple[str, ...]
    deadline: bool
    found: tuple[str, ...]

    @property
    def urgent(self) -> bool:
        return bool(self.danger) or self.deadline


CALM = Alarm((), False, ())


class DangerScreen:
    """The compiled lists of `danger.yaml`."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        numbers: dict[int, list[str]] = {}
        for words in content.get("numbers", {}).values():
            for value, spelled in words.items():
                numbers.setdefault(int(value), []).extend(spelled)
        sets: Mapping[str, Mapping[str, Sequence[str]]] = content.get("sets", {})
        self._idioms = PhraseSet(numbers)
        self._rules = PhraseSet(numbers)
        self._cues = PhraseSet(numbers)
        for language, patterns in content.get("idioms", {}).items():
            self._idioms.add("idiom", language, patterns, sets.get(language))
        for category in (*CATEGORIES, DEADLINE):
            for language, patterns in content.get(category, {}).items():
                self._rules.add(category, language, patterns, sets.get(language))
        for cue in ("negation", "past", "now"):
            for language, patterns in content.get(cue, {}).items():
                self._cues.add(cue, language, patterns, sets.get(language))

    def screen(self, text: str, script: Script | None = None, language: str | None = None) -> Alarm:
        """Screen a prepared text (`normalise.prepare(…).text`).

        Lists of other languages are left out where the script, or a `language` known for sure, says that they can't be
        meant: skeletons of different languages collide ("un băiat" and "бият").
        """
        if not text:
            return CALM
        plain = blot(text, self._idioms.find(text))
        hits = self._rules.find(plain, _languages(script, language))
        if hits:
            hits = self._still_true(plain, hits)
        labels = {hit.rule.label for hit in hits}
        found = tuple(dict.fromkeys(f"{h.rule.label}: {h.rule.source}" for h in hits))
        return Alarm(tuple(c for c in CATEGORIES if c in labels), DEADLINE in labels, found)

    def _still_true(self, text: str, hits: Sequence[Hit]) -> list[Hit]:
        cues = self._cues.find(text)
        words = text.split(" ")
        negations = {h.start: words[h.start] for h in cues if h.rule.label == "negation"}
        past = any(h.rule.label == "past" for h in cues) and not any(h.rule.label == "now" for h in cues)
        return [
            hit
            for hit in hits
            if not _negated(hit, negations, words) and not (past and hit.rule.label in PAST_COUNTS_LESS)
        ]


def _languages(script: Script | None, language: str | None) -> frozenset[str] | None:
    if script == "Cyrl" or language in _CYRILLIC:
        return _CYRILLIC
    if language is not None:
        return _LATIN
    return None


def _negated(hit: Hit, negations: Mapping[int, str], words: Sequence[str]) -> bool:
    """Whether a negation that the rule does not itself name stands before or inside a single-part hit."""
    if len(hit.rule.parts) > 1 or any(word in hit.rule.words for word in negations.values()):
        return False
    first = hit.start
    for back in range(1, _NEGATION_REACH + 1):
        if hit.start - back < 0 or words[hit.start - back] == BREAK:
            break
        first = hit.start - back
    return any(first <= place < hit.end for place in negations)
