"""Lists of phrases found in skeleton text: the one engine under concepts, intents and danger.

Coordinators and mediators review the lists, so a pattern is written in natural spelling: `бие*` any ending; `..` up to three
words between, `...` up to seven; `(a|b c)` one of these; `{name}` a named set of the same language; `<2-7>` a number in digits
or words; `A & B` both near each other in any order.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from flows.understand.normalise import BREAK
from translations.script import skeleton

WINDOW = 12  # words between the parts of `A & B`
_KEY = 3  # letters by which patterns are looked up
_WORD = rf"[^ {BREAK}]+"
_GAPS = {"..": rf"(?: {_WORD}){{0,3}}?", "...": rf"(?: {_WORD}){{0,7}}?"}
_TOKEN = re.compile(r"[()|]|\{\w+\}|<\d+-\d+>|\.{2,3}|[^\s()|]+")
_PLAIN = re.compile(r"[^\s()|{}<>.&]+")
_NUMBER = re.compile(r"<(\d+)-(\d+)>")
# Letters that people type in several ways, per language: each is tried in the Latin spellings' skeleton.
_VARIANTS = {"bg": ("ъ", "аиу"), "uk": ("г", "гх")}


@dataclass(frozen=True)
class Rule:
    """One pattern with what it stands for; `parts` are indexes of compiled phrases, all of which must be near."""

    label: str
    language: str
    source: str
    parts: tuple[int, ...]
    words: frozenset[str]


@dataclass(frozen=True)
class Hit:
    """A rule found in a text, from word `start` to before word `end` (sentence marks count as words)."""

    rule: Rule
    start: int
    end: int


@dataclass
class _Phrase:
    """A single word is compared as it is; several words need a regular expression."""

    exact: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    regex: re.Pattern[str] | None = None
    rules: list[int] = field(default_factory=list)

    def words_at(self, text: str, position: int, word: str) -> int:
        """How many words of the text, from this position on, the phrase takes; 0 for none."""
        if self.regex is None:
            return int(word in self.exact or word.startswith(self.starts))
        match = self.regex.match(text, position)
        return match.group().count(" ") + 1 if match else 0


@lru_cache(maxsize=8192)  # lists repeat their words; loading is a third quicker
def word_forms(word: str, language: str) -> tuple[str, ...]:
    """The skeletons of one word as its speakers may type it in either alphabet."""
    letter, typed = _VARIANTS.get(language, ("", ""))
    forms = {skeleton(word)}
    if letter and letter in word:
        forms |= {skeleton(word.replace(letter, other)) for other in typed}
    return tuple(sorted(f for f in forms if f))


def _melted(stem: str) -> tuple[str, ...]:
    """A stem ending in i melts with a following vowel in the skeleton: "închi*" must find "închiat", which is "incat"."""
    return (stem, *(stem[:-1] + vowel for vowel in "aeou")) if stem.endswith("i") and len(stem) > _KEY else (stem,)


class _Compiler:
    """Turns one pattern into a regular expression and the first letters that may start it."""

    def __init__(self, language: str, sets: Mapping[str, Sequence[str]], numbers: Mapping[int, Sequence[str]]) -> None:
        self.language = language
        self.sets = sets
        self.numbers = numbers
        self.words: set[str] = set()
        self.compiled_sets: dict[str, tuple[str, set[str]]] = {}

    def forms(self, word: str) -> tuple[str, ...]:
        """The skeletons of one written word; of a stem, also those in which its end melts with what follows."""
        forms = word_forms(word.rstrip("*"), self.language)
        if word.endswith("*"):
            forms = tuple(sorted({other for form in forms for other in _melted(form)}))
        self.words.update(part for form in forms for part in form.split())
        return forms

    def compile(self, pattern: str) -> tuple[str, set[str]]:
        """The regular expression and its keys; raises ValueError for a pattern that can't be read."""
        tokens = _TOKEN.findall(pattern)
        regex, keys, rest = self._sequence(tokens)
        if rest or "" in keys or not regex:
            raise ValueError(f"can't read the pattern '{pattern}'")
        return regex, keys

    def _sequence(self, tokens: list[str]) -> tuple[str, set[str], list[str]]:
        """Items up to a `|`, a `)` or the end; also the tokens that are left."""
        regex, keys, gap = "", set[str](), ""
        while tokens and tokens[0] not in "|)":
            head, tokens = tokens[0], tokens[1:]
            if head in _GAPS:
                gap = _GAPS[head]
                continue
            if head == "(":
                item, first, tokens = self._choice(tokens)
            else:
                item, first = self._item(head)
            keys = keys if regex else first
            regex = f"{regex}{gap} {item}" if regex else item
            gap = ""
        return regex, keys, tokens

    def _choice(self, tokens: list[str]) -> tuple[str, set[str], list[str]]:
        options: list[str] = []
        keys: set[str] = set()
        while tokens:
            regex, first, tokens = self._sequence(tokens)
            options.append(regex)
            keys |= first
            closing, tokens = tokens[:1], tokens[1:]
            if closing == [")"]:
                break
        return f"(?:{'|'.join(options)})", keys, tokens

    def _item(self, token: str) -> tuple[str, set[str]]:
        number = _NUMBER.fullmatch(token)
        if number:
            values = range(int(number.group(1)), int(number.group(2)) + 1)
            return self._any([str(v) for v in values] + [w for v in values for w in self.numbers.get(v, ())])
        if token.startswith("{"):
            return self._set(token[1:-1])
        return self._word(token)

    def _set(self, name: str) -> tuple[str, set[str]]:
        """A named set, compiled once; its words count for no rule, so that a negation in a set undoes nothing."""
        if name not in self.compiled_sets:
            words = self.words
            self.words = set()
            self.compiled_sets[name] = self._any(self.sets[name])
            self.words = words
        return self.compiled_sets[name]

    def _any(self, patterns: Sequence[str]) -> tuple[str, set[str]]:
        compiled = [self.compile(pattern) for pattern in patterns]
        return f"(?:{'|'.join(regex for regex, _ in compiled)})", {key for _, keys in compiled for key in keys}

    def _word(self, word: str) -> tuple[str, set[str]]:
        """One written word, in all the ways it may be typed, as a regular expression."""
        ending = rf"[^ {BREAK}]*" if word.endswith("*") else ""
        forms = self.forms(word)
        return f"(?:{'|'.join(form + ending for form in forms)})", {form.split()[0][:_KEY] for form in forms} or {""}


class PhraseSet:
    """Many labelled patterns, looked up by the first letters of each word, so that cost grows with the text only."""

    def __init__(self, numbers: Mapping[int, Sequence[str]] | None = None) -> None:
        self.rules: list[Rule] = []
        self._phrases: list[_Phrase] = []
        self._by_name: dict[str, int] = {}
        self._by_key: dict[str, list[int]] = {}
        self._numbers = numbers or {}

    def add(
        self, label: str, language: str, patterns: Iterable[str], sets: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Compile `patterns` under `label`; raises ValueError naming a pattern that can't be read."""
        compiler = _Compiler(language, sets or {}, self._numbers)
        for source in patterns:
            compiler.words = set()
            parts = tuple(self._phrase(compiler, part.strip()) for part in source.split(" & "))
            rule = Rule(label, language, source, parts, frozenset(compiler.words))
            for part in set(parts):
                self._phrases[part].rules.append(len(self.rules))
            self.rules.append(rule)

    def _phrase(self, compiler: _Compiler, pattern: str) -> int:
        """The index of the phrase for a pattern; equal phrases are kept once."""
        forms = compiler.forms(pattern) if _PLAIN.fullmatch(pattern) else ()
        if forms and not any(" " in form for form in forms):
            stem = pattern.endswith("*")
            phrase = _Phrase(starts=forms) if stem else _Phrase(exact=frozenset(forms))
            name, keys = f"{stem}{forms}", {form[:_KEY] for form in forms}
        else:
            name, keys = compiler.compile(pattern)
            phrase = _Phrase()
        known = self._by_name.get(name)
        if known is not None:
            return known
        if not (phrase.exact or phrase.starts):
            phrase.regex = re.compile(rf"{name}(?= |$)")
        index = len(self._phrases)
        self._phrases.append(phrase)
        self._by_name[name] = index
        for key in keys:
            self._by_key.setdefault(key, []).append(index)
        return index

    def find(self, text: str, languages: Collection[str] | None = None) -> list[Hit]:
        """All rules that hold in a prepared text, in the order of their rules; those of `languages` where given."""
        spans: dict[int, list[tuple[int, int]]] = {}
        position = 0
        for number, word in enumerate(text.split(" ")):
            for length in range(1, _KEY + 1):
                if length > len(word):
                    break
                for index in self._by_key.get(word[:length], ()):
                    taken = self._phrases[index].words_at(text, position, word)
                    if taken:
                        spans.setdefault(index, []).append((number, number + taken))
            position += len(word) + 1
        hits = self._rules_of(spans)
        return hits if languages is None else [hit for hit in hits if hit.rule.language in languages]

    def _rules_of(self, spans: dict[int, list[tuple[int, int]]]) -> list[Hit]:
        touched = sorted({rule for index in spans for rule in self._phrases[index].rules})
        hits: list[Hit] = []
        for index in touched:
            rule = self.rules[index]
            if len(rule.parts) == 1:
                hits.extend(Hit(rule, start, end) for start, end in spans[rule.parts[0]])
            elif all(part in spans for part in rule.parts):
                near = _nearest([spans[part] for part in rule.parts])
                if near:
                    hits.append(Hit(rule, *near))
        return hits


def _nearest(groups: Sequence[Sequence[tuple[int, int]]]) -> tuple[int, int] | None:
    """The span over one place of each part, if some lie within the window."""
    for chosen in itertools.product(*(group[:4] for group in groups)):
        start = min(s for s, _ in chosen)
        end = max(e for _, e in chosen)
        if end - start <= WINDOW + len(groups):
            return start, end
    return None


def blot(text: str, hits: Iterable[Hit]) -> str:
    """The text with the words of the hits made unreadable: what an idiom covers is not read again."""
    words = text.split(" ")
    for hit in hits:
        words[hit.start : hit.end] = ["_"] * (hit.end - hit.start)
    return " ".join(words)
