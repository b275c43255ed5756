"""An answer's messages as parts of a page: what a sign stands for, lists, numbers to call, words that are German."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from flows.model import Entry

SIGNS = {"⏰": "deadline", "👉": "step", "📄": "papers", "🏢": "place", "📍": "place", "☎": "phone", "⚠": "careful"}
"""The content's signs (see its style rules) and what each stands for."""
ICONS = {
    "deadline": "alarm-clock",
    "step": "footprints",
    "papers": "file-text",
    "place": "building-2",
    "phone": "phone",
    "careful": "triangle-alert",
}
BULLET = "•"
CYRILLIC = ("bg", "uk")
NOT_GERMAN = frozenset({"SMS", "WhatsApp", "Telegram", "Viber", "PDF", "IBAN", "BIC", "QR", "EHIC", "mbeon"})

_SIGN = re.compile(rf"([{''.join(SIGNS)}])\ufe0f?\s*")
_BEFORE_SIGN = re.compile(rf"\s+(?=[{''.join(SIGNS)}])")
_LATIN_WORD = r"[A-Za-zÀ-ž][A-Za-zÀ-ž0-9]*(?:[-/][A-Za-zÀ-ž0-9]+)*"
_LATIN_RUN = re.compile(rf"{_LATIN_WORD}(?:,? (?:{_LATIN_WORD}|\d+\b(?![.,]?\d)))*")
_SITE = r"(?<![@\w.-])(?:https?://)?(?:[a-z0-9-]+\.)+(?:de|org|eu|com|net|info|nrw|bg|ro|ua|gov)\b(?:/[\w/%.-]*\w)?"


@dataclass
class Part:
    """A paragraph with its sign, if it has one. `items` are a list's; what comes after a list is a part of its own."""

    kind: str = ""
    lines: list[Markup] = field(default_factory=list)
    items: list[Markup] = field(default_factory=list)


class Writer:
    """Turns an entry's plain text into markup in one language."""

    def __init__(self, language: str, numbers: Iterable[str], german: re.Pattern[str] | None) -> None:
        self._language = language
        self._german = german
        calls = "|".join(re.escape(number) for number in sorted(set(numbers), key=len, reverse=True))
        # Not within a longer number, and not an amount of money.
        call = rf"(?<![\d+.,])(?P<call>{calls})(?![\d€]|\s?€|[.,]\d)" if calls else r"(?P<call>(?!))"
        self._links = re.compile(rf"(?P<site>{_SITE})|{call}")

    def parts(self, message: str) -> list[Part]:
        found: list[Part] = []
        fresh = True
        for line in message.splitlines():
            fresh = fresh or not line.strip()
            for text in filter(None, _BEFORE_SIGN.split(line.strip())):
                sign = _SIGN.match(text)
                is_item = text.startswith(BULLET)
                if fresh or sign or (found[-1].items and not is_item):
                    found.append(Part(SIGNS[sign[1]] if sign else ""))
                    fresh = False
                words = self.markup(text[sign.end() :] if sign else text.removeprefix(BULLET).strip())
                (found[-1].items if is_item else found[-1].lines).append(words)
        return found

    def markup(self, text: str) -> Markup:
        """Numbers become links to call, addresses of sites links to open, German words say that they are German."""
        return Markup("").join(self._linked(text))

    def _linked(self, text: str) -> Iterator[Markup]:
        at = 0
        for match in self._links.finditer(text):
            yield self._spoken(text[at : match.start()])
            yield _site(match[0]) if match["site"] else call_link(match[0])
            at = match.end()
        yield self._spoken(text[at:])

    def _spoken(self, text: str) -> Markup:
        if self._german is None:
            return escape(text)
        at, pieces = 0, []
        for match in self._german.finditer(text):
            pieces.append(escape(text[at : match.start()]))
            word = match[0]
            pieces.append(escape(word) if word in NOT_GERMAN else Markup('<span lang="de">{}</span>').format(word))
            at = match.end()
        return Markup("").join([*pieces, escape(text[at:])])


def writer(entry: Entry | None, language: str, numbers: Iterable[str]) -> Writer:
    phones = [phone.number for phone in entry.phones] if entry else []
    return Writer(language, [*numbers, *phones], german_words(entry, language))


def german_words(entry: Entry | None, language: str) -> re.Pattern[str] | None:
    """What is German in a text. Between Cyrillic letters that is whatever is Latin; what was Latin there is German in the
    Romanian and English texts of the same entry too."""
    if language in CYRILLIC:
        return _LATIN_RUN
    if language == "de" or entry is None:
        return None
    words = {run for text in _texts(entry) for run in _LATIN_RUN.findall(text) if len(run) > 2} - NOT_GERMAN
    if not words:
        return None
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in longest_first)})(?!\w)")


def _texts(entry: Entry) -> Iterator[str]:
    for language in CYRILLIC:
        if (answer := entry.answers.get(language)) is not None:  # type: ignore[call-overload]
            yield answer.question
            yield from answer.messages
        for local in (each[language] for each in entry.places.values() if language in each):  # type: ignore[index]
            yield from local.messages or ()
            yield local.local or ""


def call_link(number: str) -> Markup:
    """A number to call. It stays in one line."""
    digits = re.sub(r"[^\d+]", "", number)
    return Markup('<a class="call" href="tel:{}">{}</a>').format(digits, number)


def _site(address: str) -> Markup:
    target = address if "://" in address else f"https://{address}"
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(target, address)
