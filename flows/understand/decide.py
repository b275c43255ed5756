"""From one message to one `Understanding`: language, danger, intent, topic, in three bands of confidence."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flows.understand import artefact
from flows.understand.danger import Alarm, DangerScreen
from flows.understand.intents import Intent, IntentLists
from flows.understand.match import Match, Matcher, concept_phrases
from flows.understand.normalise import BREAK, Prepared, prepare
from flows.understand.outcome import Candidate, Context, Decision, Understanding
from translations.identify import Identification, LanguageModel

CANDIDATES = 3
LANGUAGE_KNOWN = 0.98  # from here danger lists of the other alphabet's languages are left out
_PART_WORDS = 3  # shortest part of a message that can hold a need of its own
_SECOND_NEED = 0.0005  # chance of the second topic over the whole message; under it there is no need of its own
_PARTS = 6  # parts looked at; more is a story
_LINKS = frozenset(
    skeleton for skeleton in ["i", "si", "iar", "da", "und", "and", "ve", "ta", "a", "oste", "sho", "tak", "also"]
)
DANGER_TOPIC = {
    "violence": "safety.violence",
    "exploitation": "safety.exploitation",
    "shelter": "housing.homeless_shelter",
    "medical": "safety.emergency_numbers",
    "self_harm": "safety.emergency_numbers",
    "child": "safety.emergency_numbers",
}
ASK_HUMAN = Intent("human", None, "0")  # what every menu of the hub promises
_ORDINALS = {"1": 0, "2": 1, "3": 2}


@dataclass(frozen=True)
class _Choice:
    decision: Decision
    topics: tuple[str, ...]
    reason: str


class Understander:
    """Everything that reading a message needs, in memory; one per process, safe to share between threads."""

    def __init__(self, arrays: artefact.Arrays, meta: dict[str, Any]) -> None:
        self._languages = LanguageModel(
            artefact.unpack_strings(arrays["language_vocabulary"]), arrays["language_weights"].astype(np.float32)
        )
        self._matcher = Matcher(arrays, meta, concept_phrases(meta["concepts"]))
        self._danger = DangerScreen(meta["danger"])
        self._intents = IntentLists(meta["intents"])
        self._examples = artefact.unpack_strings(arrays["examples"])
        self.answer_from = float(meta["answer_from"])
        self.offer_from = float(meta["offer_from"])
        self.held_out: dict[str, float] = meta["held_out"]

    @classmethod
    def load(cls, path: Path) -> "Understander":
        return cls(*artefact.load(path))

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self._matcher.classes[:-1])

    def understand(self, text: str, context: Context = Context()) -> Understanding:  # noqa: B008 - frozen
        """Read one message; never raises on odd input."""
        prepared = prepare(text)
        spoken = self._languages.identify(text, context.language)
        known = spoken.language if spoken.confidence >= LANGUAGE_KNOWN and len(prepared.words) > 2 else None
        alarm = self._danger.screen(prepared.text, spoken.script, known)
        intent = ASK_HUMAN if prepared.words == ("0",) else self._intents.read(prepared)
        match = self._matcher.match(prepared)
        picked = self._picked(prepared, intent, match, context)
        if picked is not None:
            choice = _Choice("answer", (picked,), f"picked from what was offered: {picked}")
        elif intent is not None and not (alarm.danger and intent.name not in ("stop", "human")):
            return self._as_intent(spoken, alarm, intent, match)
        else:
            choice = self._choose(prepared, match, alarm)
        return self._outcome(spoken, alarm, match, choice)

    def _picked(self, prepared: Prepared, intent: Intent | None, match: Match, context: Context) -> str | None:
        """The offered topic that "2", "yes" (to a single offer) or the offered topic's own words pick."""
        words = prepared.words
        if not context.offered or not words or len(words) > 4:
            return None
        if len(words) == 1 and words[0] in _ORDINALS:
            place = _ORDINALS[words[0]]
            return context.offered[place] if place < len(context.offered) else None
        if intent is not None:
            return context.offered[0] if intent.name == "yes" and len(context.offered) == 1 else None
        best = next(iter(match.scores), ("", 0.0))
        return best[0] if best[0] in context.offered and match.confidence >= self.offer_from else None

    def _choose(self, prepared: Prepared, match: Match, alarm: Alarm) -> _Choice:
        sure = f"{match.confidence:.2f} sure"
        if not any(not word.isdigit() for word in prepared.words):
            return _Choice("handover", (), "no words to go by")
        first = match.scores[0][0]
        needs = self._needs(prepared, match)
        if len(needs) == 2:
            return _Choice("answer", needs, f"two needs, each of them {self.answer_from:.2f} sure or more")
        if match.confidence >= self.answer_from:
            return _Choice("answer", (first,), f"{sure}: at least {self.answer_from:.2f}, so answer")
        if match.confidence >= self.offer_from:
            return _Choice("offer", (first,), f"{sure}: at least {self.offer_from:.2f}, so offer")
        if alarm.danger:
            return _Choice("handover", (DANGER_TOPIC[alarm.danger[0]],), f"{sure}, but there may be danger")
        return _Choice("handover", (), f"{sure}: under {self.offer_from:.2f}, so a human reads it")

    def _needs(self, prepared: Prepared, match: Match) -> tuple[str, ...]:
        """Two different topics where two parts of the message are each plainly about one."""
        if match.scores[1][1] < _SECOND_NEED:
            return ()
        parts = _parts(prepared)
        if len(parts) < 2:
            return ()
        plausible = {topic for topic, _ in match.scores[:4]}
        found: dict[str, float] = {}
        for part in parts:
            one = self._matcher.match(part)
            topic = one.scores[0][0]
            if one.confidence >= self.answer_from and topic in plausible:
                found[topic] = max(found.get(topic, 0.0), one.confidence)
        best = sorted(found, key=lambda topic: -found[topic])[:2]
        return tuple(sorted(best, key=lambda t: [s for s, _ in match.scores].index(t))) if len(best) == 2 else ()

    def _as_intent(self, spoken: Identification, alarm: Alarm, intent: Intent, match: Match) -> Understanding:
        reasons = (f"intent {intent.name}: '{intent.phrase}'", *alarm.found)
        return Understanding(
            language=spoken.language,
            script=spoken.script,
            language_sure=spoken.sure,
            decision="intent",
            candidates=_candidates(match),
            confidence=match.confidence,
            intent=intent.name,
            language_wanted=intent.language_wanted,
            urgent=alarm.urgent,
            danger=alarm.danger,
            deadline=alarm.deadline,
            reasons=reasons,
        )

    def _outcome(self, spoken: Identification, alarm: Alarm, match: Match, choice: _Choice) -> Understanding:
        return Understanding(
            language=spoken.language,
            script=spoken.script,
            language_sure=spoken.sure,
            decision=choice.decision,
            topic=choice.topics[0] if choice.topics else None,
            topics=choice.topics,
            candidates=_candidates(match),
            confidence=match.confidence,
            urgent=alarm.urgent,
            danger=alarm.danger,
            deadline=alarm.deadline,
            reasons=self._reasons(spoken, alarm, match, choice),
        )

    def _reasons(self, spoken: Identification, alarm: Alarm, match: Match, choice: _Choice) -> tuple[str, ...]:
        doubt = "" if spoken.sure else ", unsure: the conversation's language counts"
        reasons = [f"language {spoken.language} in {spoken.script} ({spoken.confidence:.2f}{doubt})", choice.reason]
        if match.likeness > 0:
            reasons.append(f"most like the example '{self._examples[match.nearest]}' ({match.likeness:.2f})")
        if match.concepts:
            reasons.append(f"speaks of {', '.join(match.concepts)}")
        return (*reasons, *alarm.found)


def _candidates(match: Match) -> tuple[Candidate, ...]:
    return tuple(Candidate(topic, round(score, 4)) for topic, score in match.scores[:CANDIDATES])


def _parts(prepared: Prepared) -> list[Prepared]:
    """The sentences of a message; a single sentence is cut at words like "and"."""
    parts = [part.split() for part in prepared.text.split(BREAK)]
    if len(parts) == 1:
        parts = [[]]
        for word in prepared.words:
            if word in _LINKS and len(parts[-1]) >= _PART_WORDS:
                parts.append([])
            else:
                parts[-1].append(word)
    long_enough = [part for part in parts if len(part) >= _PART_WORDS]
    if len(long_enough) > _PARTS:
        return []
    return [Prepared("", " ".join(part), tuple(part)) for part in long_enough]
