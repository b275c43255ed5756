"""From one message to one `Understanding`: language, danger, intent, topic, in three bands of confidence."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from flows.understand import artefact
from flows.understand.corpus import NONE
from flows.understand.danger import CALM, Alarm, DangerScreen
from flows.understand.embed import Embedder
from flows.understand.features import Floats, Vector
from flows.understand.fresh import LIKE, Bands, Hit, Layer, Neighbours, Row
from flows.understand.intents import Intent, IntentLists
from flows.understand.match import Match, Matcher
from flows.understand.normalise import BREAK, READ_HEAD, Prepared, is_spoken, prepare
from flows.understand.outcome import Candidate, Context, Decision, Understanding
from flows.understand.signals import CATEGORIES, DEADLINE, Reading, Thresholds
from translations.identify import Identification, LanguageModel
from translations.script import Script, script_of

CANDIDATES = 3
LANGUAGE_KNOWN = 0.98  # from here danger lists of the other alphabet's languages are left out
_PART_WORDS = 3  # shortest part of a message that can hold a need of its own
_SECOND_NEED = -0.8  # linear score of the second topic over the whole message; under it there is no need of its own
_NO_SECOND = -50.0
_QUESTION = 3  # words that a message must have to be answered as an example that says the same
_PARTS = 6  # parts looked at; more is a story
_FEWEST_WORDS = 3  # from which a learnt alarm is believed; fewer are for the lists …
_ANSWER_WORDS = 5  # … and after a question of the bot's, as many are an answer
_FOLLOW_UP_WORDS = 6  # longest message that can lean on the topic before it
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
_MARKS = ".,;:!?…()\"'„“”«»"
_ORDINALS = {"1": 0, "2": 1, "3": 2}


@dataclass(frozen=True)
class _Choice:
    decision: Decision
    topics: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class _Read:
    """What was found in one message before anything was decided."""

    prepared: Prepared
    spoken: Identification
    alarm: Alarm
    intent: Intent | None
    match: Match
    fresh: str  # what examples that changed since the training say


class Understander:
    """Everything that reading a message needs, in memory; one per process, safe to share between threads."""

    def __init__(self, arrays: artefact.Arrays, meta: dict[str, Any], embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._languages = LanguageModel(
            artefact.unpack_strings(arrays["language_vocabulary"]), arrays["language_weights"].astype(np.float32)
        )
        self._trained = self._matcher = Matcher(arrays, meta)
        self._thresholds = Thresholds(**meta["thresholds"])
        self._danger = DangerScreen(meta["danger"])
        self._intents = IntentLists(meta["intents"])
        self._examples = artefact.PackedStrings(arrays["examples"])
        self.answer_from = float(meta["answer_from"])
        self.answer_strange = float(meta["answer_strange"])
        self.offer_from = float(meta["offer_from"])
        self.calibrated: dict[str, float] = meta["calibrated"]
        self._labels: list[int] = arrays["labels"].tolist()
        self._layer: Layer | None = None

    @classmethod
    def load(cls, path: Path, encoder: Path | None = None) -> "Understander":
        """`encoder`: the folder that the artefact was trained with. Raises BadEmbeddings."""
        return cls(*artefact.load(path), Embedder(encoder) if encoder else None)

    def following(self, examples: Iterable[Row]) -> "Understander":
        """One that goes by these examples now, in a light layer over what this one has learnt from others."""
        layer = Layer(self._trained, self._examples, self._labels, examples)
        if layer.empty and self._layer is None:
            return self
        made = copy.copy(self)
        made._matcher, made._layer = (self._trained, None) if layer.empty else (layer.matcher, layer)
        return made

    @property
    def topics(self) -> tuple[str, ...]:
        return self._layer.topics if self._layer else tuple(self._matcher.classes[:-1])

    def understand(self, text: str, context: Context = Context()) -> Understanding:  # noqa: B008 - frozen
        """Read one message; never raises on odd input."""
        read = self._read(text, context)
        return self._decide(read, context)

    def _read(self, text: str, context: Context) -> _Read:
        prepared = prepare(text)
        spoken = self._languages.identify(text, context.language)
        vector = self._matcher.vectoriser.vector(prepared)
        lines = self._matcher.lines(vector)
        signals = self._matcher.reading(lines)
        known = spoken.language if spoken.confidence >= LANGUAGE_KNOWN and len(prepared.words) > 2 else None
        match, fresh = self._match(prepared, vector, lines, self._embedder.embed([text])[0] if self._embedder else None)
        return _Read(
            prepared=prepared,
            spoken=spoken,
            alarm=self._alarm(
                prepared, signals, spoken.script, known, _ANSWER_WORDS if context.answering else _FEWEST_WORDS
            ),
            intent=self._intent(prepared, signals, match, context),
            match=match,
            fresh=fresh,
        )

    def _match(
        self, prepared: Prepared, vector: Vector, lines: Floats, meaning: Floats | None = None
    ) -> tuple[Match, str]:
        match = self._matcher.match(vector, lines, meaning)
        bands = Bands(self.answer_from, self.answer_strange, self.offer_from)
        if self._layer is not None:
            adjusted, why = self._layer.adjust(prepared, vector, match, bands)
            if why:
                return adjusted, why
        return self._word_for_word(prepared, match, bands)

    def _word_for_word(self, prepared: Prepared, match: Match, bands: Bands) -> tuple[Match, str]:
        """Who asks just what an example asks is answered, however few examples the topic has; a word or two may mean anything."""
        topic = self._matcher.classes[self._labels[match.nearest]]
        if len(prepared.words) < _QUESTION or match.likeness < LIKE or topic == NONE or bands.sure(match):
            return match, ""
        if prepare(self._examples[match.nearest]).words != prepared.words:
            return match, ""
        others = dict(match.scores)
        scores = ((topic, others.pop(topic, 0.0)), *others.items())
        same = replace(match, scores=scores, stranger=0.0, confidence=bands.answer_from, second=_NO_SECOND)
        return same, "asks word for word what an example asks"

    def vector(self, text: str) -> Vector:
        """For comparing messages with each other (`likeness`)."""
        return self._matcher.vectoriser.vector(prepare(text))

    def nearest(self, text: str, limit: int = 5) -> list[Hit]:
        """The examples most like a message, each with its topic."""
        vector = self.vector(text)
        trained = Neighbours(self._matcher).best(vector, limit)
        found = [Hit(self._examples[at], self._matcher.classes[self._labels[at]], likeness) for at, likeness in trained]
        found += self._layer.nearest_new(vector, limit) if self._layer else []
        return sorted(found, key=lambda hit: -hit.likeness)[:limit]

    def sounds_urgent(self, text: str) -> bool:
        """At intake, before anything else is known: only the job's priority depends on it."""
        prepared = prepare(text)
        signals = self._matcher.reading(self._matcher.lines(self._matcher.vectoriser.vector(prepared)))
        return self._alarm(prepared, signals, script_of(text[:READ_HEAD]), None, _FEWEST_WORDS).urgent

    def _alarm(
        self, prepared: Prepared, signals: Reading, script: Script | None, language: str | None, fewest: int
    ) -> Alarm:
        """What the learnt scores find; where they are near to an alarm, or the words are few, what the lists find as well."""
        limits = self._thresholds
        strongest = signals.kinds[0][1]
        few = sum(is_spoken(word) for word in prepared.words) < fewest
        learnt = [] if few else signals.alarms(limits)
        if not (few or learnt or strongest >= limits.listed):
            return CALM
        listed = self._danger.screen(prepared.text, script, language)
        kinds = dict.fromkeys([*learnt, *listed.danger])
        found = (*listed.found, *(f"{kind}: sounds like the examples" for kind in learnt))
        return Alarm(tuple(kind for kind in kinds if kind in CATEGORIES), listed.deadline or DEADLINE in kinds, found)

    def _intent(self, prepared: Prepared, signals: Reading, match: Match, context: Context) -> Intent | None:
        """What the lists cover, else what sounds like a wish, unless a topic is plain or an answer is expected."""
        if prepared.words == ("0",):
            return ASK_HUMAN
        listed = self._intents.read(prepared)
        learnt = signals.wish(self._thresholds) if prepared.words else None
        if listed is not None or learnt is None or context.answering or self._is_sure(match):
            return listed
        wanted = self._intents.language_named(prepared) if learnt == "language" else None
        return Intent(learnt, wanted, "sounds like the examples", sure=False)

    def _decide(self, read: _Read, context: Context) -> Understanding:
        picked = self._picked(read.prepared, read.intent, read.match, context)
        if picked is not None:
            choice = _Choice("answer", (picked,), f"picked from what was offered: {picked}")
        elif read.intent is not None and not (read.alarm.danger and read.intent.name not in ("stop", "human")):
            choice = _Choice("intent", (), f"intent {read.intent.name}: '{read.intent.phrase}'")
        else:
            choice = self._choose(read, context)
        return self._outcome(read, choice)

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

    def _choose(self, read: _Read, context: Context) -> _Choice:
        prepared, match = read.prepared, read.match
        sure = f"{match.confidence:.2f} sure, {match.stranger:.2f} that no topic answers"
        if not any(not word.isdigit() for word in prepared.words):
            return _Choice("handover", (), "no words to go by")
        first = match.scores[0][0]
        needs = self._needs(prepared, match)
        if len(needs) == 2:
            return _Choice("answer", needs, "two parts, each plainly about a need of its own")
        if self._is_sure(match):
            limits = f"{self.answer_from:.2f} and {self.answer_strange:.2f}"
            return _Choice("answer", (first,), f"{sure}: within {limits}, so answer")
        if self._follows_up(prepared, context):
            return _Choice("offer", (str(context.last_topic),), "goes on about what was talked of before")
        if match.confidence >= self.offer_from:
            return _Choice("offer", (first,), f"{sure}: at least {self.offer_from:.2f}, so offer")
        if read.alarm.danger:
            return _Choice("handover", (DANGER_TOPIC[read.alarm.danger[0]],), f"{sure}, but there may be danger")
        return _Choice("handover", (), f"{sure}: under {self.offer_from:.2f}, so a human reads it")

    def _is_sure(self, match: Match) -> bool:
        return match.confidence >= self.answer_from and match.stranger <= self.answer_strange

    def _follows_up(self, prepared: Prepared, context: Context) -> bool:
        """Whether it is like "and for my wife?", which leans on the topic before it."""
        short = len(prepared.words) <= _FOLLOW_UP_WORDS
        return short and context.last_topic in self.topics and self._intents.goes_on(prepared)

    def _needs(self, prepared: Prepared, match: Match) -> tuple[str, ...]:
        """Two different topics where two parts of the message are each plainly about one."""
        if match.second < _SECOND_NEED:
            return ()
        vectors = [self._matcher.vectoriser.vector(part) for part in _parts(prepared)]
        parts = [(vector, self._matcher.lines(vector)) for vector in vectors]
        if len({self._matcher.likely(lines) for _, lines in parts} - {None}) < 2:
            return ()
        plausible = {topic for topic, _ in match.scores[:4]}
        found: dict[str, float] = {}
        for vector, lines in parts:
            one = self._matcher.match(vector, lines)
            topic = one.scores[0][0]
            if self._is_sure(one) and topic in plausible:
                found[topic] = max(found.get(topic, 0.0), one.confidence)
        best = sorted(found, key=lambda topic: -found[topic])[:2]
        return tuple(sorted(best, key=lambda t: [s for s, _ in match.scores].index(t))) if len(best) == 2 else ()

    def _outcome(self, read: _Read, choice: _Choice) -> Understanding:
        intent = read.intent if choice.decision == "intent" else None
        return Understanding(
            language=read.spoken.language,
            script=read.spoken.script,
            language_sure=read.spoken.sure,
            decision=choice.decision,
            topic=choice.topics[0] if choice.topics else None,
            topics=choice.topics,
            candidates=_candidates(read.match, choice.topics if choice.decision in ("answer", "offer") else ()),
            confidence=read.match.confidence,
            intent=intent.name if intent else None,
            intent_sure=intent is not None and intent.sure,
            language_wanted=intent.language_wanted if intent else None,
            urgent=read.alarm.urgent,
            danger=read.alarm.danger,
            deadline=read.alarm.deadline,
            reasons=self._reasons(read, choice),
        )

    def _reasons(self, read: _Read, choice: _Choice) -> tuple[str, ...]:
        spoken, match = read.spoken, read.match
        doubt = "" if spoken.sure else ", unsure: the conversation's language counts"
        reasons = [f"language {spoken.language} in {spoken.script} ({spoken.confidence:.2f}{doubt})", choice.reason]
        if read.fresh:
            reasons.append(read.fresh)
        if match.likeness > 0 and choice.decision != "intent":
            reasons.append(f"most like the example '{self._examples[match.nearest]}' ({match.likeness:.2f})")
        return (*reasons, *read.alarm.found)

    def words_for(self, text: str, topic: str) -> list[str]:
        """The words of a message that speak most for a topic; none for a topic that is newer than the training."""
        known = topic in self._matcher.classes
        said = {folded: raw.strip(_MARKS) for raw in text.split() for folded in prepare(raw).words}
        telling = self._matcher.telling_words(prepare(text).words, topic) if known else []
        return [said.get(word, word) for word in telling]

    def explain(self, text: str, context: Context = Context()) -> Understanding:  # noqa: B008 - frozen
        """As `understand`, and the reasons name the words that spoke for the first three topics; takes several times as long."""
        read = self._read(text, context)
        found = self._decide(read, context)
        words = (
            f"for {each.topic} ({each.score:.2f}): {', '.join(told)}"
            for each in found.candidates
            if (told := self.words_for(text, each.topic))
        )
        return replace(found, reasons=(*found.reasons, *words))


def _candidates(match: Match, chosen: tuple[str, ...]) -> tuple[Candidate, ...]:
    """The best three; what was chosen stands first, even where it was only picked or talked of before."""
    scores = dict(match.scores)
    order = dict.fromkeys((*chosen, *scores))
    return tuple(Candidate(topic, round(scores.get(topic, 0.0), 4)) for topic in list(order)[:CANDIDATES])


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
