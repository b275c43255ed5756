"""Which language and script a short message is in: character n-gram naive Bayes plus letter rules.

Latin-script Bulgarian, Ukrainian and Russian are classes of their own, trained on Cyrillic text pushed through the habits in
`script.latin_spellings`; ready-made libraries recognise none of it. Training texts are passed in; `seeds/` adds function words
and everyday phrases of every language so that the classes stay balanced. Called by `flows.understand`.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from translations.script import Script, clean, latin_spellings, mend_lookalikes, script_of

LANGUAGES = ("bg", "ro", "uk", "de", "en", "ru", "tr")
SURE = 0.90  # posterior from which a message may change the conversation's language; measured: 97 % reach it
_CLASSES = tuple(
    (language, script)
    for language, scripts in (
        ("bg", ("Cyrl", "Latn")), ("ro", ("Latn",)), ("uk", ("Cyrl", "Latn")), ("de", ("Latn",)), ("en", ("Latn",)),
        ("ru", ("Cyrl", "Latn")), ("tr", ("Latn",)),
    )
    for script in scripts
)  # fmt: skip
# Log priors: whom the hub is for, and how few people write Ukrainian and Russian in Latin letters.
_PRIOR = {
    ("bg", "Cyrl"): 1.0, ("bg", "Latn"): 0.5, ("ro", "Latn"): 1.0, ("uk", "Cyrl"): 1.0, ("uk", "Latn"): -3.0,
    ("ru", "Latn"): -4.0,
}  # fmt: skip
_WORDS_KEPT = 20_000  # about 4 MB
_GRAMS = range(1, 5)  # n-gram lengths in characters
_READ = 400  # characters that decide; more only costs time
_MIN_COUNT = 6  # rarer n-grams tell little, and there are as many of them as of all others
_TEMPER = 0.45  # neighbouring n-grams repeat each other's evidence; unscaled posteriors claim too much
_SEEDS = Path(__file__).parent / "seeds"
_WORD = re.compile(r"[^\W_]*[^\W\d_][^\W_]*(?:['’ʼ][^\W\d_]+)*")
_OTHER_SCRIPT = {script: np.array([c[1] != script for c in _CLASSES]) for script in ("Cyrl", "Latn")}
_NATIVE: Mapping[str, Script] = {"bg": "Cyrl", "uk": "Cyrl", "ru": "Cyrl"}

_LETTERS_UK = re.compile(r"[іїєґ]")
_LETTERS_RU = re.compile(r"[ыэё]")
_LETTERS_RO = re.compile(r"[ățșţ]")
_LETTERS_TR = re.compile(r"[ığ]")
# Words that no Russian uses: one of them makes mixed speech Ukrainian.
_SAID_UK = """
    що шо як мені немає нема чому коли треба дуже дякую будь ласка хто він вона вони цей ця це або вже зараз тільки робота
    роботу гроші грошей дитина дитину дитини чи якщо щоб щас яка який які мої мого моєї скільки потрібно можна підкажіть
    допоможіть був була були сьогодні добрий привіт ще мій
"""
_SAID_RU = """
    что как мне нет почему когда где нужно очень спасибо пожалуйста кто они этот эта это или уже сейчас только деньги ребенок
    ребенка ли если чтобы какая какой какие сколько нужен подскажите помогите сегодня привет здравствуйте еще мой меня его ее
    есть была были был
"""
_WORDS_UK = frozenset(_SAID_UK.split())
_WORDS_RU = frozenset(_SAID_RU.split())


@dataclass(frozen=True)
class Identification:
    """`confidence` is the posterior of the language, all its scripts together (0..1)."""

    language: str
    script: Script
    confidence: float
    sure: bool


def seed_texts(language: str) -> tuple[str, ...]:
    """Our own function words and everyday phrases of a language, a line each."""
    lines = (_SEEDS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _word_grams(word: str) -> list[str]:
    """Character n-grams with word edges, and the whole word (function words weigh most in short messages)."""
    padded = f" {word} "
    found = [padded[i : i + length] for length in _GRAMS for i in range(len(padded) - length + 1)]
    return [f"={word}", *(gram for gram in found if gram != " ")]


def _grams(text: str) -> list[str]:
    return [gram for word in _WORD.findall(text) for gram in _word_grams(word)]


def _prepare(text: str) -> str:
    return mend_lookalikes(clean(text[: _READ * 2]))[:_READ].casefold()


def _class_counts(texts: Mapping[str, Sequence[str]]) -> list[Counter[str]]:
    """N-gram counts per class; each Latin habit counts a fraction, so that the five together weigh like one text."""
    counts: list[Counter[str]] = [Counter() for _ in _CLASSES]
    for index, (language, script) in enumerate(_CLASSES):
        for text in texts.get(language, ()):
            own = script_of(text)
            if language not in _NATIVE or own == script:
                forms: Iterable[str] = (text, _undiacritic(text)) if language in ("ro", "tr", "de") else (text,)
            elif own == "Cyrl":
                forms = latin_spellings(text, language)
            else:
                continue
            for form in forms:
                counts[index].update(_grams(_prepare(form)))
    return counts


def _undiacritic(text: str) -> str:
    return text.translate(str.maketrans("ăâîșțşţçğıöüäßşÎÂĂȘȚ", "aaistştcgiouasşIAAST")).replace("ş", "s")


class LanguageModel:
    """Log-probabilities of n-grams per class; `arrays` and the constructor store and restore it."""

    def __init__(self, vocabulary: Sequence[str], weights: NDArray[np.float32]) -> None:
        self.vocabulary = tuple(vocabulary)
        self.weights = weights
        self._rows = {gram: row for row, gram in enumerate(self.vocabulary)}
        self._prior = np.array([_PRIOR.get(c, 0.0) for c in _CLASSES], dtype=np.float64)
        self._scores_of = lru_cache(maxsize=_WORDS_KEPT)(self._word_scores)

    @classmethod
    def train(cls, texts: Mapping[str, Sequence[str]]) -> "LanguageModel":
        """From texts per language (seeds are added): smoothed log-odds against the mean of the classes of one script."""
        merged = {lang: (*seed_texts(lang) * 3, *texts.get(lang, ())) for lang in LANGUAGES}
        counts = _class_counts(merged)
        total = Counter[str]()
        for count in counts:
            total.update(count.keys())
        keep = sorted(g for g in total if sum(c[g] for c in counts) >= _MIN_COUNT)
        table = np.array([[c[g] for c in counts] for g in keep], dtype=np.float64)
        table *= 100_000 / np.maximum(table.sum(axis=0), 1)  # every class weighs the same
        logs = np.log(table + 0.5) - math.log(100_000)
        return cls(keep, logs.astype(np.float32))

    def _word_scores(self, word: str) -> NDArray[np.float64]:
        """What a word says for each class; people share their words."""
        rows = [row for row in map(self._rows.get, _word_grams(word)) if row is not None]
        return np.asarray(self.weights[rows].sum(axis=0, dtype=np.float64))

    def _posterior(self, words: Sequence[str], script: Script) -> dict[str, float]:
        scores = self._prior + sum(self._scores_of(word) for word in words) * _TEMPER
        scores[_OTHER_SCRIPT[script]] = -np.inf
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        posterior: dict[str, float] = {}
        for (language, _), chance in zip(_CLASSES, chances, strict=True):
            posterior[language] = posterior.get(language, 0.0) + float(chance)
        return posterior

    def identify(self, text: str, conversation: str | None = None) -> Identification:
        """The message's language; a doubtful, one-word or wordless message keeps the conversation's language."""
        conversation = conversation if conversation in LANGUAGES else None
        prepared = _prepare(text)
        script = script_of(prepared)
        if script is None:
            language = conversation or "de"
            return Identification(language, _NATIVE.get(language, "Latn"), 0.0, False)
        words = _WORD.findall(prepared)
        posterior = _letter_rules(self._posterior(words, script), prepared, words)
        language = max(posterior, key=lambda lang: posterior[lang])
        confidence = posterior[language]
        sure = confidence >= SURE and len(words) > 1
        if not sure and conversation and _possible(conversation, script) and confidence < 0.9999:
            return Identification(conversation, script, posterior.get(conversation, 0.0), False)
        return Identification(language, script, confidence, sure)


def _possible(language: str, script: Script) -> bool:
    return (language, script) in _CLASSES


def _letter_rules(posterior: dict[str, float], text: str, words: Sequence[str]) -> dict[str, float]:
    """Letters and words that only one language has; mixed Ukrainian and Russian counts as Ukrainian."""
    factors: dict[str, float] = {}
    if _LETTERS_UK.search(text):
        factors = {"bg": 1e-6, "ru": 1e-5}
    elif _LETTERS_RU.search(text):
        uk = sum(w in _WORDS_UK for w in words)
        ru = sum(w in _WORDS_RU for w in words)
        factors = {"bg": 1e-6, **({"uk": 1e-3} if ru >= uk else {})}
    elif script_of(text) == "Cyrl":
        factors = _cyrillic_word_rules(text, words)
    if _LETTERS_RO.search(text):
        factors |= {"bg": 1e-3, "de": 1e-4, "en": 1e-4, "uk": 1e-3, "ru": 1e-3, "tr": 1e-2}
    elif _LETTERS_TR.search(text):
        factors |= {lang: 1e-4 for lang in LANGUAGES if lang != "tr"}
    weighted = {lang: chance * factors.get(lang, 1.0) for lang, chance in posterior.items()}
    total = sum(weighted.values()) or 1.0
    return {lang: chance / total for lang, chance in weighted.items()}


def _cyrillic_word_rules(text: str, words: Sequence[str]) -> dict[str, float]:
    uk = sum(w in _WORDS_UK for w in words)
    ru = sum(w in _WORDS_RU for w in words)
    factors: dict[str, float] = {}
    if "ъ" in text:  # Russian has it only before е, ё, ю, я
        only_russian = all(text[i + 1 : i + 2] in "еёюя" for i, c in enumerate(text) if c == "ъ")
        factors = {"uk": 1e-4, **({} if only_russian else {"ru": 1e-3})}
    if uk and uk >= ru:
        factors["ru"] = factors.get("ru", 1.0) * 0.02
    elif ru > uk + 1:
        factors["uk"] = factors.get("uk", 1.0) * 0.1
    return factors


@lru_cache(maxsize=1)
def seeds_only_model() -> LanguageModel:
    """A model of the seeds alone, for places that have no artefact at hand (checks of texts, tools)."""
    return LanguageModel.train({})
