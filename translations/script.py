"""Alphabets: which script a text is in, one Latin skeleton for every spelling of a word, informal transliteration.

People write Bulgarian and Ukrainian in whatever letters the phone offers ("шеф", "shef", "6ef"), and Romanian mostly without
diacritics. The skeleton makes these one string, which was the biggest single gain in the measured study of matching methods.
Used by `identify`, by `flows.understand` and by whoever needs a search column.
"""

import re
import unicodedata
from typing import Literal

Script = Literal["Latn", "Cyrl"]  # ISO 15924

_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфхцъэёыіґ", "abvgdeziiklmnoprstufhcaeeiig", strict=True)),
    "ж": "j", "ч": "ch", "ш": "sh", "щ": "sht", "ь": "", "ю": "iu", "я": "ia", "є": "ie", "ї": "i", "'": "",
    "ѝ": "i", "ј": "i", "ѓ": "g", "ќ": "k", "ў": "u", "ђ": "dj", "љ": "l", "њ": "n", "џ": "dj", "ѕ": "z",
}  # fmt: skip
_LATIN = {"y": "i", "w": "v", "x": "h", "ß": "ss", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"}
_APOSTROPHES = dict.fromkeys("'’‘`´ʼ", "")
_MARKS = dict.fromkeys(range(0x0300, 0x0370))  # combining diacritics, after NFKD
_SKELETON = str.maketrans({**_CYRILLIC, **_LATIN, **_APOSTROPHES}) | _MARKS

# Order matters: longer spellings first. The right side must not make a left side again in another place of the word.
_DIGRAPHS = (
    ("shch", "st"), ("sch", "sh"), ("sht", "st"), ("sh", "s"), ("ch", "c"), ("kh", "h"), ("zh", "j"),
    ("ts", "c"), ("tz", "c"), ("iia", "a"), ("ia", "a"), ("iu", "u"), ("ie", "e"), ("io", "o"),
)  # fmt: skip

# Digits and signs that stand for letters: 4 = ч, 6 = ш, q = я only where they touch a letter and no other digit.
_LEET = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"(?<=[^\W\d_])4(?!\d)|(?<!\d)4(?=[^\W\d_])", "ch"),
        (r"(?<=[^\W\d_])6(?!\d)|(?<!\d)6(?=[^\W\d_])", "sh"),
        (r"(?<=[^\W\d_])0(?=[^\W\d_])", "o"),
        (r"(?<=[^\W\d_])1(?=[^\W\d_])", "i"),
        (r"(?<=[^\W\d_])3(?=[^\W\d_])", "e"),
        (r"(?<=[^\W\d_])@(?=[^\W\d_]|\b)", "a"),
        (r"(?<=[^\W\d_])\$|\$(?=[^\W\d_])", "s"),
        (r"q(?!u)", "ia"),
    )
)
_LEET_SIGN = re.compile(r"[01346@$q]")  # most messages have none, and need none of the patterns
_DOUBLED = re.compile(r"([a-z])\1+")
_NOT_WORD = re.compile(r"[\W_]+")
_MIXED_WORD = re.compile(r"[^\W\d_]+")
_LOOKALIKES = str.maketrans("aceopxyikmthbACEOPXYIKMTHB", "асеорхуікмтнвАСЕОРХУІКМТНВ")
_CYRILLIC_LETTER = re.compile(r"[Ѐ-ԯ]")
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ɏ]")


def clean(text: str) -> str:
    """One spelling of compatible characters, no control characters, single spaces."""
    normal = unicodedata.normalize("NFKC", text)
    if not normal.isprintable():
        normal = "".join(c if c.isprintable() else (" " if c.isspace() or c == "\0" else "") for c in normal)
    return " ".join(normal.split())


def script_of(text: str) -> Script | None:
    """The script most letters are in; None where there is no Latin or Cyrillic letter."""
    cyrillic = len(_CYRILLIC_LETTER.findall(text))
    latin = len(_LATIN_LETTER.findall(text))
    if not cyrillic and not latin:
        return None
    return "Cyrl" if cyrillic >= latin else "Latn"


def mend_lookalikes(text: str) -> str:
    """Latin letters inside Cyrillic words become the Cyrillic ones they look like ("шeф" typed with a Latin e)."""
    if not (_CYRILLIC_LETTER.search(text) and _LATIN_LETTER.search(text)):
        return text

    def mend(match: re.Match[str]) -> str:
        word = match.group()
        if _CYRILLIC_LETTER.search(word) and _LATIN_LETTER.search(word):
            return word.translate(_LOOKALIKES)
        return word

    return _MIXED_WORD.sub(mend, text)


def skeleton(text: str) -> str:
    """The Latin skeleton: lower-case words of a-z and digits, single spaces; the same for all spellings of a word."""
    folded = mend_lookalikes(text).casefold()
    if _LEET_SIGN.search(folded):
        for pattern, letter in _LEET:
            folded = pattern.sub(letter, folded)
    plain = unicodedata.normalize("NFKD", folded).translate(_SKELETON)
    for spelling, letter in _DIGRAPHS:
        plain = plain.replace(spelling, letter)
    return _NOT_WORD.sub(" ", _DOUBLED.sub(r"\1", plain)).strip()


# How people type their own language in Latin letters. Each scheme lists only what differs from `_COMMON`.
_COMMON = dict(
    zip(
        "абвгдезийклмнопрстуфхцъьыэёіїєґ",
        ("a", "b", "v", "g", "d", "e", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "h",
         "c", "a", "i", "i", "e", "e", "i", "i", "e", "g"),
        strict=True,
    )
)  # fmt: skip
_DIGRAPH_LETTERS = {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya"}
_SCHEMES: dict[str, tuple[dict[str, str], ...]] = {
    "bg": (
        {**_DIGRAPH_LETTERS, "ц": "ts", "й": "y", "ь": "y"},
        {"ж": "j", "ч": "4", "ш": "6", "щ": "6t", "ю": "iu", "я": "q", "ъ": "y", "в": "w", "й": "i"},
        {"ж": "j", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "q", "ъ": "u", "ц": "c", "й": "j"},
        {"ж": "zh", "ч": "4", "ш": "6", "щ": "sht", "ю": "ju", "я": "ja", "ц": "c", "х": "x", "ь": "i"},
        {"ж": "j", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "iu", "я": "ia", "ъ": "y", "ц": "ts", "ь": "i"},
    ),
    "uk": (
        {**_DIGRAPH_LETTERS, "щ": "shch", "г": "h", "х": "kh", "ц": "ts", "и": "y", "й": "y", "ї": "yi", "є": "ye", "ь": ""},
        {**_DIGRAPH_LETTERS, "щ": "sch", "ц": "c", "и": "y", "й": "j", "ї": "ji", "є": "je", "ю": "ju", "я": "ja", "ь": ""},
        {"ж": "zh", "ч": "4", "ш": "sh", "щ": "sch", "ю": "u", "я": "ia", "ц": "ts", "и": "i", "ь": "", "є": "e"},
    ),
    "ru": (
        {**_DIGRAPH_LETTERS, "щ": "shch", "х": "kh", "ц": "ts", "ы": "y", "й": "y", "ь": "", "ъ": ""},
        {"ж": "zh", "ч": "4", "ш": "sh", "щ": "sch", "ю": "u", "я": "ia", "ц": "c", "ы": "i", "ь": "", "ъ": "", "й": "j"},
        {"ж": "j", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "ju", "я": "ja", "ц": "ts", "ы": "y", "ь": "'", "ъ": "", "й": "i"},
    ),
}  # fmt: skip
_TABLES = {lang: tuple(str.maketrans({**_COMMON, **s}) for s in schemes) for lang, schemes in _SCHEMES.items()}


def latin_spellings(text: str, language: str) -> tuple[str, ...]:
    """The text as people of that language would type it in Latin letters, one per habit; empty for Latin languages."""
    return tuple(text.casefold().translate(table) for table in _TABLES.get(language, ()))


_TO_CYRILLIC: dict[str, tuple[tuple[str, str], ...]] = {
    "bg": (
        ("sht", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("ts", "ц"), ("yu", "ю"), ("iu", "ю"), ("ju", "ю"),
        ("ya", "я"), ("ia", "я"), ("ja", "я"), ("q", "я"), ("j", "ж"), ("x", "х"), ("w", "в"),
        ("y", "ъ"),
    ),
    "uk": (
        ("shch", "щ"), ("sch", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("yu", "ю"),
        ("ju", "ю"), ("ya", "я"), ("ja", "я"), ("ia", "я"), ("yi", "ї"), ("ji", "ї"), ("ye", "є"), ("je", "є"),
        ("y", "и"), ("j", "й"), ("x", "х"), ("w", "в"), ("h", "г"), ("i", "і"),
    ),
}  # fmt: skip
_SINGLE = str.maketrans(dict(zip("abvgdeziklmnoprstufhc", "абвгдезиклмнопрстуфхц", strict=True)))


def to_cyrillic(text: str, language: str) -> str:
    """Latin-script Bulgarian or Ukrainian in Cyrillic, as well as it can be guessed: what a Cyrillic model can read."""
    rules = _TO_CYRILLIC.get(language)
    if rules is None:
        return text
    lowered = re.sub(r"(?<!\d)6t(?=[a-z])", "щ", text.casefold()) if language == "bg" else text.casefold()
    for digit, letters in (("4", "ч"), ("6", "ш")):
        lowered = re.sub(rf"(?<=[a-z]){digit}(?!\d)|(?<!\d){digit}(?=[a-z])", letters, lowered)
    for spelling, letter in rules:
        lowered = lowered.replace(spelling, letter)
    return lowered.translate(_SINGLE)
