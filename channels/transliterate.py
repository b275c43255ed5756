"""Official Latin spellings: Bulgarian by the Transliteration Act of 2009, Ukrainian by the Cabinet's resolution 55 of 2010.

Used for SMS to people who write their language in Latin letters: these spellings fit the GSM alphabet.
"""

import re
import unicodedata
from collections.abc import Callable


def _table(pairs: str) -> dict[str, str]:
    """From "а a  б b": a letter, then its spelling; `-` has none."""
    words = pairs.split()
    return {letter: spelling.replace("-", "") for letter, spelling in zip(words[::2], words[1::2], strict=True)}


# In the last lines: guests from the neighbours' alphabets.
_BULGARIAN = _table("""
    а a  б b  в v  г g  д d  е e  ж zh  з z  и i  й y  к k  л l  м m  н n  о o  п p  р r  с s  т t  у u  ф f  х h
    ц ts  ч ch  ш sh  щ sht  ъ a  ь y  ю yu  я ya  ѝ i
    ы y  э e  ё yo  і i  ї i  є e  ґ g
""")
_BULGARIAN_NAMES = {"българия": "bulgaria"}  # by the Act: names with a traditional spelling

_UKRAINIAN = _table("""
    а a  б b  в v  г h  ґ g  д d  е e  є ie  ж zh  з z  и y  і i  ї i  й i  к k  л l  м m  н n  о o  п p  р r  с s  т t
    у u  ф f  х kh  ц ts  ч ch  ш sh  щ shch  ь -  ю iu  я ia
    ы y  э e  ё io  ѝ i  ў u  ъ -
""")
_UKRAINIAN_INITIAL = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}

_APOSTROPHES = "'’ʼ‘′`"
_WORD = re.compile(rf"[\u0400-\u052f\u0300-\u036f]+(?:[{_APOSTROPHES}][\u0400-\u052f\u0300-\u036f]+)*")


def transliterate(text: str, language: str) -> str:
    """Cyrillic words of Bulgarian (`bg`) and Ukrainian (`uk`) texts in Latin letters; all else stays as it is."""
    spell = _SPELLERS.get(language)
    if spell is None:
        return text
    return _WORD.sub(lambda match: _word(match.group(), spell), unicodedata.normalize("NFC", text))


def _word(word: str, spell: Callable[[str], list[str]]) -> str:
    """One word, letter by letter; stress marks and apostrophes have no spelling."""
    letters = "".join(char for char in word if char not in _APOSTROPHES and not unicodedata.combining(char))
    latin = spell(letters.lower())
    return "".join(_in_case(spelling, letters, at) for at, spelling in enumerate(latin))


def _in_case(spelling: str, letters: str, at: int) -> str:
    """Щ is "Sht" before small letters and "SHT" among capitals."""
    if not letters[at].isupper():
        return spelling
    neighbour = letters[at + 1] if at + 1 < len(letters) else letters[at - 1] if at else ""
    return spelling.upper() if neighbour.isupper() else spelling[:1].upper() + spelling[1:]


def _bulgarian(word: str) -> list[str]:
    if word in _BULGARIAN_NAMES:
        return list(_BULGARIAN_NAMES[word])
    latin = [_BULGARIAN.get(letter, letter) for letter in word]
    if word.endswith("ия"):
        latin[-1] = "a"
    return latin


def _ukrainian(word: str) -> list[str]:
    """`зг` is "zgh", so that it is not read as ж."""
    latin = [
        "gh" if letter == "г" and word[at - 1 : at] == "з" else _UKRAINIAN.get(letter, letter)
        for at, letter in enumerate(word)
    ]
    latin[:1] = [_UKRAINIAN_INITIAL.get(word[:1], latin[0])] if latin else []
    return latin


_SPELLERS: dict[str, Callable[[str], list[str]]] = {"bg": _bulgarian, "uk": _ukrainian}
