"""Places that two sides have changed differently, side by side in a form, and what was chosen there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from app.editor.differences import Difference, differences, word_changes
from app.editor.merging import Clash
from app.errors import BadInput
from app.hub import Hub
from app.web.editor.showing import Shown, name_of, show
from app.web.i18n import texts
from app.web.pages import reader_language
from flows.aspects import STRUCTURE, Path
from flows.model import ANSWER_LANGUAGES

CHOICE = "choose "  # a field's name is this and the clash's


@dataclass(frozen=True, slots=True)
class ClashView:
    """Both sides, each as what it changed. `chosen`: mine, theirs or nothing yet."""

    field: str
    name: str
    mine: list[Shown]
    theirs: list[Shown]
    chosen: str


def clash_views(request: Request, clashes: Iterable[Clash], choices: Mapping[str, str]) -> list[ClashView]:
    hub: Hub = request.app.state.hub
    words = texts(reader_language(request))
    return [
        ClashView(
            field=f"{CHOICE}{each.name}",
            name=name_of(words, hub.shelf.library, each.path),
            mine=[show(request, one) for one in _changes(each.path, each.base, each.mine)],
            theirs=[show(request, one) for one in _changes(each.path, each.base, each.theirs)],
            chosen=choices.get(each.name, ""),
        )
        for each in clashes
    ]


def choices_of(form: FormData) -> tuple[dict[str, str], int]:
    """What was chosen, and the revision that the page showed."""
    seen = str(form.get("seen", "0"))
    if not (seen.isdecimal() and len(seen) < 10):
        raise BadInput("Please give a number.")
    chosen = {name.removeprefix(CHOICE): str(value) for name, value in form.items() if name.startswith(CHOICE)}
    return chosen, int(seen)


def _changes(path: Path, old: Any, new: Any) -> list[Difference]:
    """What one side did at this place; a whole node or message may have gone or come."""
    if isinstance(old, Mapping | list) or isinstance(new, Mapping | list):
        return differences(_nested(path, old), _nested(path, new))
    language = next((step for step in path if step in ANSWER_LANGUAGES), STRUCTURE)
    changed = word_changes(_text(old), _text(new))
    return [Difference(path, language, old, new, changed)]


def _nested(path: Path, value: Any) -> dict[str, Any]:
    for step in reversed(path):
        value = {step: value}
    return dict(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def last_seen(form: FormData) -> str:
    """The revision that a save goes over. The last one counts: it comes from the button that takes mine over theirs."""
    return str((form.getlist("seen") or [""])[-1])
