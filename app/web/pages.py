"""Renders templates in the reader's language. Every staff page and fragment goes through `render`."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from app.hub import Hub
from app.models import StaffSession
from app.web import looks
from app.web.i18n import STAFF_LANGUAGES, Texts, best_language, texts
from app.web.static import assets
from flows.dialogue.wording import say_value
from flows.library import Library

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("system", "light", "dark")
LOOKS = (
    "icon", "channel_icon", "status_icon", "event_icon", "shows_inline", "seen", "moment", "quotes", "note_words", "changes",
    "fit", "turned", "length", "is_sound", "sound_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is signed in, as pages need it; a copy, because an error page is made after the transaction was undone."""

    id: int
    name: str
    email: str
    role: str
    language: str
    csrf: str
    enter_sends: bool
    theme: str = "system"
    shortcuts: bool = True
    sound: bool = False
    originals: bool = False  # shows no German beside what people write


def reader_of(session: StaffSession) -> Reader:
    user = session.user
    options = user.options
    return Reader(
        user.id,
        user.name,
        user.email,
        user.role,
        user.language,
        session.csrf,
        bool(options.get("enter_sends")),
        theme=options.get("theme", "system"),
        shortcuts=options.get("shortcuts", True),
        sound=bool(options.get("sound")),
        originals=bool(options.get("originals")),
    )


def is_fragment(request: Request) -> bool:
    """htmx asks for a part of a page; a browser without scripts asks for the whole."""
    return request.headers.get("hx-request") == "true"


def reader_language(request: Request) -> str:
    reader: Reader | None = getattr(request.state, "reader", None)
    if reader is not None:
        return reader.language
    return best_language(request.headers.get("accept-language", ""), STAFF_LANGUAGES, "de")


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    hub: Hub = request.app.state.hub
    reader: Reader | None = getattr(request.state, "reader", None)
    language = reader_language(request)
    library = hub.shelf.library
    body = (
        environment(language)
        .get_template(template)
        .render(
            request=request,
            user=reader,
            csrf=reader.csrf if reader else "",
            now=hub.now(),
            topic=lambda slug: library.label(slug, language) or slug,
            place=lambda slug: place_name(library, slug, language),
            flow_name=lambda slug: flow_name(library, slug, language),
            fact=lambda key, value: say_fact(library, key, value, language),
            **context,
        )
    )
    return HTMLResponse(body, status_code=status, headers={"Vary": "HX-Request"})


def place_name(library: Library, slug: str, language: str) -> str:
    found = library.places.get(slug)
    return next((name for code, name in found.names.items() if code == language), slug) if found else slug


def flow_name(library: Library, slug: str, language: str) -> str:
    """As on the button that starts it."""
    found = library.flows.get(slug)
    return next((name for code, name in found[1].label.items() if code == language), slug) if found else slug


def say_fact(library: Library, key: str, value: Any, language: str) -> tuple[str, str]:
    """What a flow learned, in the reader's words: ('Alter der Kinder', '4 und 9')."""
    field = library.fields.get(key)
    name = next((name for code, name in field.names.items() if code == language), key) if field else key
    return name, say_value(library, key, value, language) or "–"


@functools.cache
def environment(language: str) -> Environment:
    words: Texts = texts(language)
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "lang": words.language,
        "texts": words,
        "term": words.term,
        "static": assets().url,
        "sheets": assets().sheets,
    }
    made.globals |= {name: getattr(looks, name) for name in LOOKS}
    return made


def trigger(response: Response, *events: str) -> Response:
    """Have htmx announce events on the page's body once the answer is in place."""
    response.headers["HX-Trigger"] = json.dumps({event: {"target": "body"} for event in events})
    return response
