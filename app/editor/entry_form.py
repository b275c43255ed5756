"""An entry's form: what its fields say, laid over the data that it was made from, so that nothing that it doesn't show is lost.

One place's own words are shown at a time; `place` names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flows.model import ANSWER_LANGUAGES, MESSAGES, NEXT_BUTTONS

Data = dict[str, Any]

NEW_IN_HUB = "HUB"  # the code of a source or number that a coordinator entered here
FIELDS = ("label", "question", "sms")
DATES = ("law_as_of", "valid_from", "valid_until", "review_on")


class Fields(Protocol):
    """A form as the web framework reads it."""

    def get(self, key: str, /) -> Any: ...

    def getlist(self, key: str, /) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Move:
    """A message to swap with its neighbour (-1 up, 1 down) or, with 0, to take away."""

    language: str
    index: int
    by: int


def read_entry(form: Fields, base: Mapping[str, Any]) -> Data:
    """The entry as the form has it. It may break every limit: it is a draft."""
    data = dict(base)
    old = base.get("answers") or {}
    answers = {code: _answer(form, code, old.get(code) or {}) for code in ANSWER_LANGUAGES}
    data["answers"] = {code: answer for code, answer in answers.items() if answer}
    for name in DATES:
        data[name] = _text(form, name) or None
    data["next"] = list(dict.fromkeys(filter(None, _texts(form, "next"))))[:NEXT_BUTTONS]
    data["gaps"] = [line for line in map(str.strip, _text(form, "gaps").splitlines()) if line]
    data["sources"] = _sources(form)
    data["phones"] = _phones(form)
    if place := _text(form, "place"):
        data["places"] = _places(form, base.get("places") or {}, place)
    return data


def moved(data: Data, move: Move) -> Data:
    """With one message of a language moved or taken away."""
    answer = dict((data.get("answers") or {}).get(move.language) or {})
    messages = list(answer.get("messages") or ())
    other = move.index + move.by
    if not 0 <= move.index < len(messages) or not 0 <= other < len(messages):
        return data
    if move.by:
        messages[move.index], messages[other] = messages[other], messages[move.index]
    else:
        del messages[move.index]
    return {**data, "answers": {**data["answers"], move.language: {**answer, "messages": messages}}}


def read_move(written: str) -> Move | None:
    """'de:1:-1'."""
    language, _, rest = written.partition(":")
    index, _, by = rest.partition(":")
    if language not in ANSWER_LANGUAGES or index not in ("0", "1", "2") or by not in ("-1", "0", "1"):
        return None
    return Move(language, int(index), int(by))


def _answer(form: Fields, code: str, old: Mapping[str, Any]) -> Data:
    words = {name: _text(form, f"{name}_{code}") for name in FIELDS}
    messages = _messages(_texts(form, f"message_{code}"))
    listed = [word for part in _text(form, f"words_{code}").split(",") if (word := " ".join(part.split()))]
    if not any((*words.values(), messages, listed)):
        return {}
    return {**old, **words, "words": listed, "messages": messages}


def _messages(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if text][:MESSAGES]


def _places(form: Fields, old: Mapping[str, Any], place: str) -> Data:
    """An emptied text means what the general words, or a place around this one, say."""
    here = dict(old.get(place) or {})
    for code in ANSWER_LANGUAGES:
        texts, sms = _messages(_texts(form, f"here_{code}")), _text(form, f"here_sms_{code}")
        if not (texts or sms):
            here.pop(code, None)
            continue
        stamps = {key: value for key, value in (here.get(code) or {}).items() if key.startswith("approved")}
        instead = _text(form, f"here_how_{code}") == "instead"
        said: Data = {"messages": texts} if instead else {"local": "\n\n".join(texts)}
        here[code] = {**stamps, **said, **({"sms": sms} if sms else {})}
    return {slug: words for slug, words in {**old, place: here}.items() if words}


def _sources(form: Fields) -> list[Data]:
    names = ("law", "page", "seen", "code")
    found = (dict(zip(names, row, strict=True)) for row in _rows(form, *(f"source_{name}" for name in names)))
    return [
        {**row, "code": row["code"] or ("V-LAW" if row["law"] else f"V-WEB {row['seen'] or 'undated'}")}
        for row in found
        if row["law"] or row["page"]
    ]


def _phones(form: Fields) -> list[Data]:
    names = ("number", "who", "code", "tested_on")
    found = (dict(zip(names, row, strict=True)) for row in _rows(form, *(f"phone_{name}" for name in names)))
    return [{**row, "code": row["code"] or NEW_IN_HUB} for row in found if row["number"] or row["who"]]


def _rows(form: Fields, *names: str) -> list[tuple[str, ...]]:
    return list(zip(*(_texts(form, name) for name in names), strict=False))


def _texts(form: Fields, name: str) -> list[str]:
    """As they are kept: without Windows' line ends and the space around them."""
    return [str(each).replace("\r\n", "\n").replace("\x00", "").strip() for each in form.getlist(name)]


def _text(form: Fields, name: str) -> str:
    return next(iter(_texts(form, name)), "")
