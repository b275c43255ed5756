"""Reads a typed answer to a question of a flow: a value, or the reason why it can't be taken."""

import re
from dataclasses import dataclass

from flows.dialogue.graph import CHILDREN, TEXT_CHARS, Ask
from flows.dialogue.whens import read_date, read_number
from flows.dialogue.world import Given, World
from translations.phrases import words
from translations.script import skeleton

OLDEST_CHILD = 25
LONGEST_DATE = 12  # words; a longer message tells a story, and its dates are not the answer

_HUNDREDS = tuple(
    skeleton(word)
    for word in ("хиляд", "стотин", "двеста", "триста", "сто", "mie", "mii", "sută", "sute", "тисяч", "двісті", "сотн",
                 "tausend", "hundert", "thousand", "hundred", "тысяч", "двести", "bin", "yüz")
)  # fmt: skip
_CHILD_WORDS = (
    "деца", "дете", "детето", "copii", "copil", "copiii", "діти", "дітей", "дитина", "дитини", "kinder", "kind", "children",
    "child", "kids", "дети", "ребенка", "детей", "çocuk", "çocuğum",
)  # fmt: skip
_NOT_AGES = frozenset(skeleton(word) for word in _CHILD_WORDS)
_BABIES = frozenset(skeleton(word) for word in ("бебе", "бебета", "bebe", "bebeluș", "немовля", "baby", "säugling"))
_MONTHS = tuple(skeleton(word) for word in ("месец", "мес", "lun", "місяц", "monat", "month", "ay"))


@dataclass(frozen=True)
class Reading:
    """`value` None: not understood; `problem` then says why, as the end of a phrase's key ('date', 'date_future')."""

    value: str | int | bool | list[int] | None
    problem: str = ""


def read(ask: Ask, given: Given, world: World) -> Reading:
    """What the answer means for this question."""
    match ask.what:
        case "date":
            return _date(ask, given.text, world)
        case "number":
            return _number(ask, given.text)
        case "ages":
            ages = read_ages(given.text)
            return Reading(ages) if ages else Reading(None, "ages")
        case "yes_no":
            return Reading({"yes": True, "no": False}.get(given.says or ""), "yes_no")
        case "place":
            return Reading(_place(given.text, world), "place")
        case "photo":
            return Reading(True) if given.kind in ("photo", "document") else Reading(None, "photo")
        case "text":
            text = given.text.strip()
            return Reading(text if 0 < len(text) <= TEXT_CHARS else None, "text_long" if text else "text")


def means(key: str, text: str) -> bool:
    """Whether the message is one of the fixed words of `key` ('back', 'dont_know'), in any language and script."""
    return (skeleton(text) or text.strip()) in words(key)


def _date(ask: Ask, text: str, world: World) -> Reading:
    if len(text.split()) > LONGEST_DATE:
        return Reading(None, "date")
    found = read_date(text, world.language, world.today, future=ask.future)
    if found is None:
        return Reading(None, "date")
    if found > world.today and not ask.future:
        return Reading(None, "date_future")
    return Reading(found.isoformat())


def _number(ask: Ask, text: str) -> Reading:
    plain = re.sub(r"(?<=\d)[ .](?=\d{3}\b)", "", text)  # 1 200 and 1.200
    plain = re.sub(r"(?<=\d)[.,]\d{2}\b", "", plain)  # whole euros are enough
    if any(skeleton(word).startswith(_HUNDREDS) for word in re.findall(r"[^\W\d_]+", plain)):
        return Reading(None, "number")  # 'две хиляди' must not become 2
    numbers = [number for word in re.findall(r"\w+", plain) if (number := read_number(word)) is not None]
    if len(set(numbers)) != 1:
        return Reading(None, "number")
    low, high = ask.least or 0, ask.most if ask.most is not None else 1_000_000
    return Reading(numbers[0]) if low <= numbers[0] <= high else Reading(None, "number_range")


def read_ages(text: str) -> list[int]:
    """Ages of children in years, the youngest first: '4 и 9', 'doi copii, 4 si 9 ani', '8 місяців і 3 роки'."""
    words_ = re.findall(r"\d+|[^\W\d_]+", re.sub(r"(\d)[.](5)\b", r"\1", text))
    ages: list[int] = []
    for at, word in enumerate(words_):
        number = 0 if skeleton(word) in _BABIES and not _counted(words_, at) else read_number(word)
        following = skeleton(words_[at + 1]) if at + 1 < len(words_) else ""
        if number is None or following in _NOT_AGES or _is_article(words_, at):
            continue
        if following.startswith(_MONTHS):
            number //= 12
        if number > OLDEST_CHILD:
            return []
        ages.append(number)
    return sorted(ages) if len(ages) <= CHILDREN else []


def _counted(words_: list[str], at: int) -> bool:
    """'a baby of 7 months': its age follows or stands before."""
    near = words_[max(0, at - 2) : at] + words_[at + 1 : at + 3]
    return any(word.isdecimal() for word in near)


def _is_article(words_: list[str], at: int) -> bool:
    """'one is 4, the other 9': the 'one' is no age; a word for 1 counts only where it is the whole answer or has a unit."""
    word = words_[at]
    if word.isdecimal() or read_number(word) != 1:
        return False
    return len(words_) > 2


def _place(text: str, world: World) -> str | None:
    """A served place that the words name in any language."""
    said = f" {skeleton(text)} "
    named = [
        slug
        for slug, place in world.library.places.items()
        if any(f" {skeleton(name)} " in said for name in place.names.values())
    ]
    return max(named, key=lambda slug: len(world.library.chain(slug)), default=None)  # the town, not its Land
