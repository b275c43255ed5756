"""What helps to write plainly, beside each language's words: signs of hard texts, the glossary's words, what an SMS costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from channels.sms_text import Segments, for_sms, segments
from flows.model import LABEL_CHARS, MESSAGE_CHARS, SMS_CHARS
from flows.plain import Level, amounts_by_hand, long_sentences, office_words, reading_level, unexplained_words
from translations.glossary import Term, glossary


@dataclass(frozen=True, slots=True)
class TooLong:
    """`what`: label, message or sms; `number` counts messages from 1."""

    what: str
    number: int
    length: int
    most: int


@dataclass(frozen=True, slots=True)
class Hints:
    """For one language. `terms`: glossary words that stand in the texts, with their words in all languages."""

    level: Level | None
    long: tuple[str, ...]
    unexplained: tuple[str, ...]
    amounts: tuple[str, ...]
    terms: tuple[Term, ...]
    too_long: tuple[TooLong, ...]
    sms: Segments | None
    cents: float

    @property
    def quiet(self) -> bool:
        return not (self.long or self.unexplained or self.amounts or self.too_long)


def hints_for(data: Mapping[str, Any], language: str, cents_per_segment: float = 0) -> Hints:
    answer = (data.get("answers") or {}).get(language) or {}
    places = (data.get("places") or {}).values()
    local = [words for place in places if (words := place.get(language))]
    messages = list(answer.get("messages") or ())
    texts = [
        *messages,
        *(text for words in local for text in (words.get("local"), *(words.get("messages") or ())) if text),
    ]
    whole = "\n".join(texts)
    sms = answer.get("sms") or ""
    counted = segments(for_sms(sms, language, None)) if sms else None
    known = set(office_words(f"{whole}\n{sms}"))
    return Hints(
        level=reading_level(whole, language),
        long=tuple(start for text in texts for start in long_sentences(text)),
        unexplained=tuple(dict.fromkeys(word for text in texts for word in unexplained_words(text, language))),
        amounts=tuple(amount for text in texts for amount in amounts_by_hand(text)),
        terms=tuple(term for term in glossary() if term.word in known),
        too_long=tuple(_too_long(answer.get("label") or "", messages, sms)),
        sms=counted,
        cents=float(counted.count * Decimal(str(cents_per_segment))) if counted else 0.0,
    )


def _too_long(label: str, messages: Sequence[str], sms: str) -> list[TooLong]:
    texts = [("label", 1, label, LABEL_CHARS)]
    texts += [("message", number, text, MESSAGE_CHARS) for number, text in enumerate(messages, 1)]
    texts.append(("sms", 1, sms, SMS_CHARS))
    return [TooLong(what, number, len(text), most) for what, number, text, most in texts if len(text) > most]
