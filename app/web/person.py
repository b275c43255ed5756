"""The person behind a case: a panel beside the thread, a page of its own without scripts, and their phone as they see it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from babel import Locale
from babel.numbers import format_decimal
from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.blocking import USUAL, may_block
from app.cases import access_case
from app.directory import helpers, language_names, opening_words, service_words
from app.errors import BadInput, Conflict, HubError, NotFound
from app.hub import Hub
from app.lists import case_card
from app.models import Address, Conversation, User
from app.persons import Person, days_left, person_of
from app.revealing import REASONS, reveal
from app.turn import FALLBACK_LANGUAGE
from app.web.deps import HubDep, StaffDep, Tx
from app.web.i18n import local_day, texts
from app.web.pages import is_fragment, place_name, reader_language, render, trigger
from app.web.phone import read_phone
from flows.model import ANSWER_LANGUAGES, UNDERSTOOD_LANGUAGES
from flows.services import Found

router = APIRouter(prefix="/inbox/{case_id}/person", include_in_schema=False)

NEEDS_HELPED = 3  # the main ones
HELPERS = 6
LOOKS = {"telegram": "telegram", "sms": "sms", "whatsapp-twilio": "whatsapp", "whatsapp-cloud": "whatsapp"}

Words = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Help:
    """A service of the directory, as a colleague reads it and as it is put into the answer."""

    name: str
    about: str
    opening: str
    speaks: str
    phones: tuple[str, ...]
    words: str


@router.get("")
async def person_page(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    return await show(request, hub, tx, user, case_id)


@router.get("/phone")
async def phone_page(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, conversation: int = 0
) -> Response:
    """Their phone, read-only: nothing on this page can be sent."""
    case = await access_case(tx, user, case_id)
    found = await person_of(hub, tx, user, case_id)
    talk = await tx.get(Conversation, conversation or case.conversation_id)
    if talk is None or talk.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    channel = hub.registry.by_id(talk.channel_id)
    if channel is None:
        raise NotFound("This channel was removed.")
    look = LOOKS.get(channel.kind) or channel.options.get("look") or "telegram"
    address = await tx.get_one(Address, talk.address_id)
    screen = replace(channel, options={**channel.options, "look": look})
    language = reader_language(request)
    return render(
        request,
        "inbox/person/phone.html",
        phone=await read_phone(hub, tx, screen, hub.vault.decrypt(address.value)),
        look=look,
        person=found,
        chosen=talk.id,
        cents=lambda value: f"{format_decimal(value, '#,##0.##', locale=language)} ct",
    )


@router.post("/reveal")
async def reveal_address(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    address: Annotated[int, Form()] = 0,
    reason: Words = "",
    words: Words = "",
) -> Response:
    """The only answer that holds the address; the next look at the panel has it masked again."""
    try:
        async with tx.begin_nested():
            plain = await reveal(hub, tx, user, case_id, address, reason=reason, words=words)
    except (BadInput, Conflict) as error:
        return await refused(request, hub, tx, user, case_id, error)
    response = await show(request, hub, tx, user, case_id, revealed={address: plain})
    response.headers["Cache-Control"] = "no-store"
    return response


async def show(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    *,
    problem: str = "",
    revealed: Mapping[int, str] | None = None,
    status: int = 200,
) -> Response:
    found = await person_of(hub, tx, user, case_id)
    language = reader_language(request)
    today = local_day(hub.now())
    template = "inbox/person/_panel.html" if is_fragment(request) else "inbox/person/page.html"
    return render(
        request,
        template,
        status=status,
        person=found,
        case=found.case,
        name=(await case_card(tx, user, case_id)).name,
        blocked=found.blocked(hub.now()),
        may_block=may_block(user.role),
        block_until=today + USUAL,
        today=today,
        days=days_left(found.case.deadline, today) if found.case.deadline else None,
        topics=topics_by_area(hub, language),
        places=sorted(hub.shelf.library.served, key=lambda slug: place_name(hub.shelf.library, slug, language)),
        languages=UNDERSTOOD_LANGUAGES,
        scripts=Locale(language).scripts,
        reasons=REASONS,
        help=_help(hub, found, language),
        revealed=revealed or {},
        problem=problem,
    )


async def changed(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int) -> Response:
    """After a change: the panel anew; a page without scripts comes back to itself."""
    if not is_fragment(request):
        return RedirectResponse(f"/inbox/{case_id}/person", status_code=303)
    return trigger(await show(request, hub, tx, user, case_id), f"case-{case_id}")


async def refused(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int, error: HubError) -> Response:
    """Said in the panel itself: on a phone it lies over the page's own notices."""
    words = texts(reader_language(request)).say(error.message, error.detail)
    return await show(request, hub, tx, user, case_id, problem=words, status=error.status)


def topics_by_area(hub: Hub, language: str) -> dict[str, list[tuple[str, str]]]:
    """area -> (topic, its words), in the reader's language."""
    found: dict[str, list[tuple[str, str]]] = {}
    for topic in hub.shelf.library.entries:
        words = hub.shelf.library.label(topic, language) or topic
        found.setdefault(topic.partition(".")[0], []).append((topic, words))
    return {area: sorted(topics, key=lambda each: each[1]) for area, topics in sorted(found.items())}


def _help(hub: Hub, person: Person, reader: str) -> list[Help]:
    """Who is near and helps with the needs, each once; their words in the language of the person."""
    language = person.language if person.language in ANSWER_LANGUAGES else FALLBACK_LANGUAGE
    library = hub.shelf.library
    found: dict[str, Found] = {}
    for topic in person.case.needs[:NEEDS_HELPED]:
        for each in helpers(library, topic, person.place, str(language), hub.now()):
            found.setdefault(each.service.slug, each)
    return [
        Help(
            each.service.name,
            next((words for code, words in each.service.about.items() if code == reader), ""),
            opening_words(each, reader),
            ", ".join(language_names(each.service, reader)),
            tuple(phone.number for phone in each.service.phones),
            service_words(each.service, str(language)),
        )
        for each in list(found.values())[:HELPERS]
    ]
