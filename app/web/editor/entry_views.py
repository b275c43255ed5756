"""What the entry's page shows: the languages side by side, one place's own words, and the chat as it would look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup
from starlette.datastructures import FormData

from app.editor.drafts import Piece
from app.editor.entries import LANGUAGES, State, day, older_than_base, states_of
from app.editor.hints import Hints, hints_for
from app.editor.speaking import Part, Scene, Unspeakable, cents_per_segment, speak
from app.hub import Hub
from app.models import Message, User
from app.web.phone import Option, linked, options_of
from app.web.visitor import FIRST_LOOK, LOOKS
from flows.findings import Issue
from flows.library import Library, NotSayable
from flows.model import MESSAGES

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Here:
    """A place's own words in one language. `above`: the nearest place around it that has some, and its words."""

    instead: bool
    texts: tuple[str, ...]
    sms: str
    above: str
    inherited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    answer: Data
    messages: tuple[str, ...]  # with an empty one to write into, where there is room
    state: State
    older: bool  # than the German words
    hints: Hints
    here: Here | None
    audio: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader looks at: which languages beside each other, which place's words, which scene of the preview."""

    shown: tuple[str, ...]
    place: str
    scene: Scene


@dataclass(frozen=True, slots=True)
class Balloon:
    """A message of the preview. `problem` stands in its stead where nothing can be said."""

    words: Markup
    options: tuple[Option, ...] = ()
    opener: str = ""
    sound: str = ""
    sms: Data | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    scene: Scene
    balloons: tuple[Balloon, ...] = ()
    unsayable: str = ""  # the reason of NotSayable
    issues: tuple[Issue, ...] = ()

    @property
    def segments(self) -> int:
        return int(sum(balloon.sms["segments"] for balloon in self.balloons if balloon.sms))

    @property
    def cents(self) -> float:
        return float(sum(balloon.sms["cents"] for balloon in self.balloons if balloon.sms))


def choose(hub: Hub, user: User, given: FormData | Mapping[str, str], shown: Sequence[str], today: date) -> Chosen:
    """From an address or a form; what is not known falls back to what is usual."""
    places = hub.shelf.library.places
    spoken = next((code for code in user.speaks if code in LANGUAGES[1:]), LANGUAGES[1])
    languages = tuple(code for code in LANGUAGES if code in shown) or (LANGUAGES[0], spoken)
    place, hears = _text(given, "place"), _text(given, "p_place")
    scene = Scene(
        language=_one_of(_text(given, "p_language"), LANGUAGES, languages[-1]),
        place=hears if hears in places else (place if place in places else ""),
        on=day(_text(given, "p_on")) or today,
        look=_one_of(_text(given, "p_look"), LOOKS, FIRST_LOOK),
    )
    return Chosen(languages, place if place in places else "", scene)


def columns(hub: Hub, piece: Piece, data: Data, place: str) -> list[Column]:
    states, older = states_of(piece.live, piece.draft), older_than_base(piece.live)
    cents = cents_per_segment(hub)
    return [_column(hub.shelf.library, data, code, place, states[code], code in older, cents) for code in LANGUAGES]


def preview(hub: Hub, data: Data, scene: Scene) -> Preview:
    try:
        parts = speak(hub, data, scene)
    except NotSayable as error:
        return Preview(scene, unsayable=error.reason)
    except Unspeakable as error:
        return Preview(scene, issues=tuple(error.issues))
    return Preview(scene, tuple(_balloon(part, scene.look) for part in parts))


def _column(library: Library, data: Data, code: str, place: str, state: State, older: bool, cents: float) -> Column:
    answer: Data = (data.get("answers") or {}).get(code) or {}
    return Column(
        code,
        answer,
        _with_room(answer.get("messages") or ()),
        "missing" if not answer else state,
        older,
        hints_for(data, code, cents),
        _here(library, data, code, place) if place else None,
        (data.get("audio") or {}).get(code, ""),
    )


def _here(library: Library, data: Data, code: str, place: str) -> Here:
    places: Data = data.get("places") or {}
    own: Data = (places.get(place) or {}).get(code) or {}
    around = [slug for slug in library.chain(place)[1:] if (places.get(slug) or {}).get(code)]
    above: Data = places[around[0]][code] if around else {}
    return Here(
        instead=bool(own.get("messages")),
        texts=_with_room(own["messages"]) if own.get("messages") else (own.get("local") or "",),
        sms=own.get("sms") or "",
        above=around[0] if around else "",
        inherited=tuple(above.get("messages") or filter(None, [above.get("local")])),
    )


def _with_room(texts: Sequence[str]) -> tuple[str, ...]:
    """With an empty one to write into, while there is room."""
    return (*texts, "") if len(texts) < MESSAGES else tuple(texts)


def _balloon(part: Part, look: str) -> Balloon:
    outbound = part.outbound
    buttons = [{"id": button.id, "label": button.label} for button in outbound.buttons]
    payload = {"buttons": buttons, "list_label": outbound.list_label}
    options, opener = options_of(Message(text=outbound.text, payload=payload), look)
    sound = outbound.media.name or "" if outbound.media else ""
    return Balloon(linked(outbound.text), options, opener, sound, part.cost.get("sms"))


def _text(given: FormData | Mapping[str, str], name: str) -> str:
    return str(given.get(name) or "")


def _one_of(wish: str, known: Sequence[str] | Mapping[str, Any], usual: str) -> str:
    return wish if wish in known else usual
