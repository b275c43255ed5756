"""The order of words and the letters over them, by each language's own alphabet (Babel has no collation)."""

import re
from collections.abc import Mapping

ALPHABETS = {
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "ro": "aăâbcdefghiîjklmnopqrsștțuvwxyz",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "de": "abcdefghijklmnopqrstuvwxyz",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
LATIN = ALPHABETS["en"]
SAME: Mapping[str, dict[int, str]] = {
    "ro": str.maketrans({"ş": "ș", "ţ": "ț"}),  # the old letters with a cedilla
    "de": str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"}),  # DIN 5007: in the dictionary they are sorted so
    "bg": str.maketrans({"ѝ": "и"}),
}
NO_LETTER = "#"
_NOT_WORD = re.compile(r"[^\w\s]|_")


def sort_key(text: str, language: str) -> tuple[tuple[int, ...], str]:
    """Spaces before letters, foreign letters (German words among Cyrillic ones) after the own ones."""
    return tuple(_rank(letter, language) for letter in _plain(text, language)), text


def first_letter(text: str, language: str) -> str:
    """The letter that a word stands under."""
    start = _plain(text, language).lstrip()[:1]
    return start.upper() if start.isalpha() else NO_LETTER


def _plain(text: str, language: str) -> str:
    return _NOT_WORD.sub("", text.lower()).translate(SAME.get(language, {})).strip()


def _rank(letter: str, language: str) -> int:
    alphabet = ALPHABETS[language]
    if letter.isspace():
        return 0
    if letter in alphabet:
        return 1 + alphabet.index(letter)
    return 100 + (LATIN.index(letter) if letter in LATIN else 100 + ord(letter))
