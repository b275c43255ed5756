"""Reads a day that somebody typed: '3.11', 'преди 19 дни', 'pe 3 noiembrie', 'вчора', 'letzten Montag'.

Our own, because a day that is misread costs a deadline: dateparser 1.5 reads '3.11' as the time 3:11 of today (see
docs/decisions). What is not certain is None, and the person is asked again.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names

from translations.script import skeleton

LANGUAGES = ("bg", "ro", "uk", "de", "en", "ru", "tr")
SOON = timedelta(days=60)  # a day without a year that comes so soon is meant, not the one of ten months ago
LONGEST_AGO = 400  # days; more is no deadline that still runs

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*[./\-]\s*(\d{1,2})(?:\s*[./\-]\s*(\d{4}|\d{2}))?(?!\d)")
_SPACED = re.compile(r"^\s*(\d{1,2})\s+(\d{1,2})\s+(\d{4}|\d{2})\s*$")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_COMPACT = re.compile(r"^\s*(\d{2})(\d{2})(\d{4})\s*$")

_DAYS = {
    0: "днес днеска azi astăzi сьогодні сьодні седня сегодня heute today bugün",
    -1: "вчера снощи ieri aseară вчора вчера gestern yesterday dün",
    -2: "завчера alaltăieri позавчора позавчера vorgestern evvelsi",
    1: "утре mâine завтра morgen tomorrow yarın",
}
_DAY_BEFORE_YESTERDAY = ("онзи ден", "оня ден", "day before yesterday", "önceki gün")
_UNITS = {
    1: "ден дни дена дена zi zile день дні днів дня дней tag tage tagen day days gün",
    7: "седмица седмици săptămână săptămâni тиждень тижні тижня тижнів неделя недели недель неделю woche wochen week weeks"
    " hafta",
}
_AHEAD = "след peste через in за sonra"
_AGO = "преди acum urmă тому назад vor ago önce"
_BETWEEN = "ти ри ви ми го ma lea de of st nd rd th"  # between the day and the month: '3-ти ноември', '3rd of November'
_LAST = (
    "миналия миналата минал trecut trecuta trecută минулого минулої минулу минулий прошлый прошлую letzten letzte last"
)
_NUMBERS: Mapping[int, str] = {
    1: "един една едно първи un o una întâi один одна одну перше первое ein einem einer eine ersten one a first bir",
    2: "два две двама doi două два дві две zwei two iki",
    3: "три trei drei three üç",
    4: "четири patru чотири четыре vier four dört",
    5: "пет cinci п'ять пять fünf five beş",
    6: "шест șase шість шесть sechs six altı",
    7: "седем șapte сім семь sieben seven yedi",
    8: "осем opt вісім восемь acht eight sekiz",
    9: "девет nouă дев'ять девять neun nine dokuz",
    10: "десет zece десять zehn ten",
    14: "четиринайсет четиринадесет paisprezece чотирнадцять четырнадцать vierzehn fourteen",
    15: "петнайсет петнадесет cincisprezece п'ятнадцять пятнадцать fünfzehn fifteen",
    16: "шестнайсет шестнадесет șaisprezece шістнадцять шестнадцать sechzehn sixteen",
    17: "седемнайсет седемнадесет șaptesprezece сімнадцять семнадцать siebzehn seventeen",
    18: "осемнайсет осемнадесет optsprezece вісімнадцять восемнадцать achtzehn eighteen",
    19: "деветнайсет деветнадесет nouăsprezece дев'ятнадцять девятнадцать neunzehn nineteen",
    20: "двайсет двадесет douăzeci двадцять двадцать zwanzig twenty yirmi",
}


def _table(words: Mapping[int, str]) -> dict[str, int]:
    return {skeleton(word): number for number, line in words.items() for word in line.split()}


_NUMBER_WORDS = _table(_NUMBERS)
_DAY_WORDS = _table(_DAYS)
_UNIT_WORDS = _table(_UNITS)
_AHEAD_WORDS = frozenset(skeleton(word) for word in _AHEAD.split())
_AGO_WORDS = frozenset(skeleton(word) for word in _AGO.split())
_BETWEEN_WORDS = frozenset(skeleton(word) for word in _BETWEEN.split())
_LAST_WORDS = frozenset(skeleton(word) for word in _LAST.split())
_LONG_AGO_WORDS = tuple(skeleton(phrase) for phrase in _DAY_BEFORE_YESTERDAY)


def read_number(word: str) -> int | None:
    """A whole number in digits or, up to twenty, in words of any of our languages."""
    return int(word) if word.isdecimal() else _NUMBER_WORDS.get(skeleton(word))


def read_date(text: str, language: str, today: date, *, future: bool = False) -> date | None:
    """The one day that the words name. None where they name none, several, or one that can't be told for sure.

    Without a year it is the last such day, or where it may lie ahead the nearest. A day ahead is returned too: whether it
    makes sense is the caller's to say.
    """
    found = set(_in_digits(text, today, future)) or set(_in_words(text, language, today, future))
    return found.pop() if len(found) == 1 else None


def _in_digits(text: str, today: date, future: bool) -> list[date | None]:
    if iso := _ISO.search(text):
        return [_day(int(iso[3]), int(iso[2]), int(iso[1]))]
    if whole := _COMPACT.match(text) or _SPACED.match(text):
        return [_day(int(whole[1]), int(whole[2]), _year(whole[3]))]
    return [
        _day(int(m[1]), int(m[2]), _year(m[3])) if m[3] else _nearest(int(m[1]), int(m[2]), today, future)
        for m in _NUMERIC.finditer(text)
    ]


def _in_words(text: str, language: str, today: date, future: bool) -> list[date | None]:
    whole = skeleton(text)
    if any(phrase in whole for phrase in _LONG_AGO_WORDS):
        return [today - timedelta(days=2)]
    words = whole.split()
    found: list[date | None] = []
    for at, word in enumerate(words):
        counted = at > 0 and read_number(words[at - 1]) is not None
        if word in _DAY_WORDS:
            found.append(today + timedelta(days=_DAY_WORDS[word]))
        elif (month := _named(word, language, "months")) and (number := _day_beside(words, at)):
            found.append(_of_month(words, at, number, month, today, future))
        elif weekday := _named(word, language, "days"):
            found.append(None if counted else _weekday(weekday, words, today))  # 'acum 2 luni': months, not Mondays
        elif word in _UNIT_WORDS:
            found.append(_ago(words, at, today))
    return found


def _day_beside(words: list[str], at: int) -> int | None:
    """The day's number before the month ('3 ноември', '3rd of November') or after it ('Nov 3rd')."""
    before = at - 1
    while before >= 0 and words[before] in _BETWEEN_WORDS:
        before -= 1
    number = _leading_number(words[before]) if before >= 0 else None
    after = _leading_number(words[at + 1]) if at + 1 < len(words) else None
    return number or (after if after and after <= 31 else None)


def _of_month(words: list[str], at: int, day: int, month: int, today: date, future: bool) -> date | None:
    year = next((int(word) for word in words[at + 1 : at + 3] if word.isdecimal() and len(word) == 4), None)
    return _day(day, month, year) if year else _nearest(day, month, today, future)


def _leading_number(word: str) -> int | None:
    """'3', and '3rd' or '3ти' where people write the ending to the number."""
    number = re.match(r"\d+", word)
    return int(number[0]) if number else _NUMBER_WORDS.get(word)


def _ago(words: list[str], at: int, today: date) -> date | None:
    """'19 days ago', 'in 3 days'; 'last week' is too vague for a deadline."""
    number = read_number(words[at - 1]) if at else None
    ago, ahead = bool(_AGO_WORDS & set(words)), bool(_AHEAD_WORDS & set(words))
    if number is None and ago and _UNIT_WORDS[words[at]] == 7:
        number = 1  # 'a week ago'
    if number is None or not (ago or ahead) or number * _UNIT_WORDS[words[at]] > LONGEST_AGO:
        return None
    days = number * _UNIT_WORDS[words[at]]
    return today - timedelta(days=days) if ago else today + timedelta(days=days)


def _weekday(number: int, words: list[str], today: date) -> date | None:
    """The last such day. 'Last Monday' said on a Wednesday is of this week or of the one before: nobody can tell."""
    back = (today.isoweekday() - number) % 7 or 7
    if _LAST_WORDS & set(words) and back < today.isoweekday():
        return None
    return today - timedelta(days=back)


def _nearest(day: int, month: int, today: date, future: bool) -> date | None:
    options = [found for year in (today.year - 1, today.year, today.year + 1) if (found := _day(day, month, year))]
    nearest = min(options, key=lambda found: abs(found - today), default=None)
    if future or (nearest and nearest - today <= SOON):
        return nearest
    return max((found for found in options if found <= today), default=None)


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


@cache
def _names(language: str, what: str) -> dict[str, int]:
    """Skeletons of all names of the months (1 to 12) or weekdays (1 to 7), in the language and in German."""
    found: dict[str, int] = {}
    for locale in dict.fromkeys((language if language in LANGUAGES else "de", "de")):
        for context in ("format", "stand-alone"):
            if what == "months":
                names = get_month_names("wide", context, locale)
                found |= {skeleton(name): number for number, name in names.items() if skeleton(name) not in found}
            else:
                names = get_day_names("wide", context, locale)
                found |= {skeleton(name): n + 1 for n, name in names.items() if skeleton(name) not in found}
    return found


def _named(word: str, language: str, what: str) -> int | None:
    """The month or weekday that a word means: its name, the beginning of it, or another ending of it."""
    names = _names(language, what)
    if word in names:
        return names[word]
    if len(word) < 3:
        return None
    least = 3 if what == "months" else 4
    hits = {
        number
        for name, number in names.items()
        if (len(word) >= least and name.startswith(word)) or (len(name) > 4 and word.startswith(name[:-1]))
    }
    if what == "days" and not hits:  # 'п'ятницю', 'съботата', 'неділю'
        hits = {number for name, number in names.items() if len(name) > 4 and word[: len(name) - 1] == name[:-1]}
    return hits.pop() if len(hits) == 1 else None
