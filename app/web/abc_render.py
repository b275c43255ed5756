"""How the ABC's pages are made and kept: templates in the reader's language, small, with an address per language."""

import gzip
import hashlib
import re
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from app.hub import Hub
from app.web.abc_links import Chat, chats
from app.web.abc_text import ICONS, Writer, call_link, german_words
from app.web.abc_views import AREAS, Abc
from app.web.deps import HubDep
from app.web.i18n import best_language
from app.web.pages import environment
from app.web.public import CHROME, NATIVE_NAMES
from app.web.sprite import Sprite
from flows.model import ANSWER_LANGUAGES
from translations.phrases import page_phrase, phrase

KEEP = "public, max-age=300"  # opening hours change by the minute, and a coordinator's correction must be seen soon
HUB_NAME = "Streetwork Hub"
_INDENT = re.compile(r"\s*(?:</li>)?\n\s*|</li>")  # HTML needs neither the indentation nor the end of a list's item


class LanguageConvertor(StringConvertor):
    """`{language:reader}` in a path: one of the languages that answers exist in. Others are no page of the ABC."""

    regex = "|".join(ANSWER_LANGUAGES)


register_url_convertor("reader", LanguageConvertor())


def reader(hub: HubDep, language: str, place: str = "") -> Abc:
    library = hub.shelf.library
    known = library.places.get(place)
    chosen = place if known and known.served else hub.settings.default_place
    return Abc(library, language, chosen, hub.now())


AbcDep = Annotated[Abc, Depends(reader)]


def accepted_language(request: Request) -> str:
    return best_language(request.headers.get("accept-language", ""), ANSWER_LANGUAGES, "de")


def page(
    request: Request,
    hub: Hub,
    abc: Abc,
    template: str,
    *,
    path: str = "",
    status: int = 200,
    keep: bool = True,
    languages: list[str] | None = None,
    topic: str = "",
    question: str = "",
    **context: Any,
) -> Response:
    """`path`: the page's own, behind the language; `languages`: in which this page exists, all unless told.

    `topic` and `question` are what a chat that is opened from this page begins with.
    """
    place = request.query_params.get("place", "") if abc.place else ""
    sprite = Sprite()
    words = (
        environment("en")
        .get_template(f"abc/{template}.html")
        .render(
            abc=abc,
            icon=sprite.icon,
            drawings=sprite.drawings,
            page_language=abc.language,
            say=partial(_say, abc.language),
            words_of=partial(_bot_words, abc.language),
            chrome=CHROME[abc.language],
            native_names=NATIVE_NAMES,
            languages=languages or list(ANSWER_LANGUAGES),
            template=template,
            path=path,
            base_url=hub.settings.base_url,
            query=f"?{urlencode({'place': place})}" if place else "",
            hub_name=HUB_NAME,
            area_icons=AREAS,
            kind_icons=ICONS,
            call=call_link,
            mark=Writer(abc.language, (), german_words(None, abc.language)).markup,
            chats=ways_to_ask(hub, abc, topic, question),
            topic=topic,
            places=list(abc.library.served.values()),
            **context,
        )
    )
    response = kept(
        request, _INDENT.sub("\n", words).encode(), "text/html; charset=utf-8", KEEP if keep else "no-store"
    )
    response.status_code = status if response.status_code == 200 else response.status_code
    response.headers["Content-Language"] = abc.language
    return response


def missing(request: Request, hub: Hub, language: str, *, topic: str = "", reason: str = "") -> Response:
    """A friendly page for what is not there, or may not be said any more."""
    abc = Abc(hub.shelf.library, language, "", hub.now())
    elsewhere = [other for other in ANSWER_LANGUAGES if topic and abc.sayable(topic, other)]
    renewed = reason in ("not_valid", "no_figure")
    return page(request, hub, abc, "missing", status=404, keep=False, renewed=renewed, topic=topic, elsewhere=elsewhere)


def ways_to_ask(hub: Hub, abc: Abc, topic: str, question: str) -> list[Chat]:
    return chats(hub.registry.all(), topic, abc.language, question, abc.library.chain(abc.place))


def kept(request: Request, body: bytes, media_type: str, cache: str) -> Response:
    """With a name for this very content, so that a browser that has it gets 304; packed for those who pay by the megabyte."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", "") and cache != "no-store":
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "") and not media_type.startswith("image/png"):
        body = gzip.compress(body, compresslevel=6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=media_type, headers=headers)


def _say(language: str, key: str, **values: object) -> str:
    return page_phrase(key, language, **values)


def _bot_words(language: str, key: str) -> str:
    return phrase(key, language)
