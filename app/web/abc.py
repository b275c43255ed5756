"""The public ABC of everyday life: answers and services from A to Z, without scripts, cookies or traces."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.qr import qr_svg
from app.web.abc_render import HUB_NAME, KEEP, AbcDep, accepted_language, kept, missing, page, ways_to_ask
from app.web.abc_search import LONGEST, search
from app.web.abc_text import writer
from app.web.abc_views import AREAS, AnswerPage
from app.web.cards import Card, CardPress, shortened
from app.web.deps import HubDep
from flows.library import NotSayable
from flows.model import ANSWER_LANGUAGES
from translations.phrases import page_phrase

router = APIRouter(prefix="/abc", include_in_schema=False)

KEEP_PICTURE = "public, max-age=3600"
EMERGENCY = "safety.emergency_numbers"
EMERGENCY_FIRST = ("112", "110", "116117", "116 016")
GERMAN_CALL = (
    "Ich brauche Hilfe.",
    "Ich bin in … (Straße, Nummer, Stadt).",
    "Es ist passiert: …",
    "Verletzt: … Personen.",
)
CARD_CHARS = 200
_press = CardPress()


@router.get("")
async def start(request: Request) -> Response:
    headers = {"Vary": "Accept-Language", "Cache-Control": KEEP}
    return RedirectResponse(f"/abc/{accepted_language(request)}", status_code=302, headers=headers)


@router.get("/{language:reader}")
async def home(request: Request, hub: HubDep, abc: AbcDep) -> Response:
    return page(request, hub, abc, "home", letters=abc.letters(), areas=list(abc.areas()))


@router.get("/{language:reader}/areas")
async def areas(request: Request, hub: HubDep, abc: AbcDep) -> Response:
    return page(request, hub, abc, "areas", path="/areas", areas=abc.areas())


@router.get("/{language:reader}/emergency")
async def emergency(request: Request, hub: HubDep, abc: AbcDep) -> Response:
    first = abc.by_numbers(EMERGENCY_FIRST)
    known = {each.service.slug for each in first}
    others = [abc.helper(each) for each in abc.helpers(EMERGENCY, limit=None)]
    return page(
        request,
        hub,
        abc,
        "emergency",
        path="/emergency",
        first=first,
        more=[each for each in others if each.service.slug not in known],
        answer=abc.questions([EMERGENCY]),
        german_call=GERMAN_CALL,
    )


@router.get("/{language:reader}/services")
async def services(request: Request, hub: HubDep, abc: AbcDep, area: str = "") -> Response:
    area = area if area in AREAS else ""
    near, far = abc.directory(area)
    return page(request, hub, abc, "services", path="/services", near=near, far=far, area=area, areas=list(AREAS))


@router.get("/{language:reader}/search")
async def search_again(language: str) -> Response:
    """A search is never an address: who reloads or shares it begins anew."""
    return RedirectResponse(f"/abc/{language}", status_code=303)


@router.post("/{language:reader}/search")
async def find(request: Request, hub: HubDep, abc: AbcDep, q: Annotated[str, Form()] = "") -> Response:
    found = search(abc, hub.shelf.understander, q)
    return page(request, hub, abc, "search", keep=False, found=found, searched=q.strip()[:LONGEST])


@router.get("/{language:reader}/{topic}")
async def answer(request: Request, hub: HubDep, abc: AbcDep, topic: str) -> Response:
    try:
        shown = abc.page(topic)
    except NotSayable as error:
        return missing(request, hub, abc.language, topic=topic, reason=error.reason)
    return page(
        request,
        hub,
        abc,
        "topic",
        path=f"/{topic}",
        languages=shown.languages,
        topic=topic,
        shown=shown,
        question=shown.question,
        summary=_summary(shown),
        german=writer(abc.library.entries[topic][1], abc.language, ()).markup,
    )


@router.get("/{language:reader}/{topic}/qr.svg")
async def qr(request: Request, hub: HubDep, abc: AbcDep, topic: str, to: str = "") -> Response:
    """Of the page itself, or of a chat (`to`: the channel's name)."""
    known = abc.answer(topic)
    if known is None:
        return missing(request, hub, abc.language)
    ways = {chat.name: chat.href for chat in ways_to_ask(hub, abc, topic, known.question)}
    address = ways.get(to) or f"{hub.settings.base_url}/abc/{abc.language}/{topic}"
    return kept(request, qr_svg(address), "image/svg+xml", KEEP_PICTURE)


@router.get("/{language:reader}/{topic}/card.png")
async def card(request: Request, hub: HubDep, abc: AbcDep, topic: str) -> Response:
    try:
        shown = abc.page(topic)
    except NotSayable as error:
        return missing(request, hub, abc.language, topic=topic, reason=error.reason)
    words = Card(
        language=abc.language,
        hub=HUB_NAME,
        title=page_phrase("title", abc.language),
        question=shown.question,
        answer=_summary(shown),
        draft=page_phrase("draft", abc.language) if shown.said.draft else "",
    )
    return kept(request, await _press.png(words), "image/png", KEEP_PICTURE)


@router.get("/{rest:path}")
async def nothing_here(request: Request, hub: HubDep, rest: str) -> Response:
    wish = rest.partition("/")[0]
    return missing(request, hub, wish if wish in ANSWER_LANGUAGES else accepted_language(request))


def _summary(shown: AnswerPage) -> str:
    """The beginning of the answer, for the picture and for what search engines and messengers show."""
    first = (shown.messages or shown.local)[0]
    return shortened(" ".join(words.striptags() for part in first for words in (*part.lines, *part.items)), CARD_CHARS)
