"""Unanswered questions, grouped: into an entry's examples, a new entry, or not for us; and answers that did not help."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import gaps
from app.editor import examples
from app.editor.feedback import disliked
from app.editor.personal import Sign, signs
from app.errors import BadInput, HubError
from app.hub import Hub
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.naming import label_of
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from flows.examples import EXAMPLE_CHARS
from flows.model import UNDERSTOOD_LANGUAGES
from flows.understand.corpus import NONE

router = APIRouter(prefix="/editor/gaps", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a group, as somebody may take it over. `signs`: what could tell who wrote it."""

    language: str
    text: str
    chosen: bool
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with its form; `first` names it, `topic` is where its questions would go."""

    group: gaps.Group
    asked: tuple[Asked, ...]
    topic: str
    problem: str = ""
    warned: bool = False

    @property
    def first(self) -> int:
        return self.group.ids[0]


@router.get("")
async def gaps_page(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    done: str = "",
    of: str = "",
    gap: str = "",
    take: str = "",
) -> Response:
    """`gap` and `take`: the question from which an answer was made, and the answer's topic."""
    topics = await _topics(request, hub, tx)
    of = of if of in topics or of == NONE else ""
    return await _page(request, hub, tx, done=done, of=of, gap=whole(gap), take=take if take in topics else "")


@router.post("/add")
async def add_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    """The chosen ones become examples in the topic's draft, and the group is dealt with."""
    form = await request.form()
    topic = NONE if form.get("do") == "not_for_us" else str(form.get("topic", ""))
    chosen = _chosen(form)
    if any(signs(text) for _, text in chosen) and not form.get("sure"):
        return await _page(request, hub, tx, form=form, warned=True)
    try:
        if not chosen:
            raise BadInput("Please choose at least one question.")
        if topic not in {*await _topics(request, hub, tx), NONE}:
            raise BadInput("Please choose a topic.")
        async with tx.begin_nested():
            found: examples.Texts = {}
            for language, text in chosen:
                found.setdefault(language, []).append(text)
            await examples.add(hub, tx, user, topic, found)
            await gaps.close(tx, _ids(form))
    except HubError as error:
        return await _page(request, hub, tx, form=form, error=error)
    return RedirectResponse(f"/editor/gaps?done=added&of={topic}", status_code=303)


@router.post("/close")
async def close_form(request: Request, tx: Tx, user: LeadDep) -> Response:
    await gaps.close(tx, _ids(await request.form()))
    return RedirectResponse("/editor/gaps?done=closed", status_code=303)


async def _page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    *,
    form: FormData | None = None,
    warned: bool = False,
    error: HubError | None = None,
    done: str = "",
    of: str = "",
    gap: int | None = None,
    take: str = "",
) -> Response:
    problem = texts(reader_language(request)).say(error.message, error.detail) if error else ""
    groups = await gaps.open_groups(tx, hub.shelf.understander)
    ids = _ids(form) if form else []
    shown = [
        _again(group, form, problem, warned)
        if form and set(ids) & set(group.ids)
        else _fresh(group, take if gap in group.ids else "")
        for group in groups
    ]
    return render(
        request,
        "editor/gaps.html",
        status=error.status if error else 200,
        groups=shown,
        opinions=await disliked(tx),
        topics=await _topics(request, hub, tx),
        languages=UNDERSTOOD_LANGUAGES,
        limit=EXAMPLE_CHARS,
        none_topic=NONE,
        done=done,
        of=of,
    )


async def _topics(request: Request, hub: Hub, tx: AsyncSession) -> dict[str, str]:
    """By slug, with names; answers that are being written too."""
    library, language = hub.shelf.library, reader_language(request)
    named = {slug: library.label(slug, language) or slug for slug in library.entries}
    named |= {slug: label_of(data, language) for slug, data in (await examples.new_entries(tx, library)).items()}
    return dict(sorted(named.items()))


def _fresh(group: gaps.Group, topic: str) -> Shown:
    asked = tuple(Asked(language, text, False, tuple(signs(text))) for language, text in group.asked)
    return Shown(group, asked, topic or group.guess or "")


def _again(group: gaps.Group, form: FormData, problem: str, warned: bool) -> Shown:
    """As it was sent, with what is to be looked at."""
    numbers = {str(number) for number in form.getlist("chosen")}
    asked = tuple(
        Asked(language, text, str(number) in numbers, tuple(signs(text)))
        for number, (language, text) in enumerate(_rows(form))
    )
    return Shown(group, asked, str(form.get("topic", "")), problem, warned)


def _rows(form: FormData) -> list[tuple[str, str]]:
    rows = zip(form.getlist("language"), form.getlist("text"), strict=False)
    return [(str(code) if code in UNDERSTOOD_LANGUAGES else "de", str(text).strip()) for code, text in rows]


def _chosen(form: FormData) -> list[tuple[str, str]]:
    numbers = {str(number) for number in form.getlist("chosen")}
    return [row for number, row in enumerate(_rows(form)) if str(number) in numbers and row[1]]


def _ids(form: FormData) -> list[int]:
    return [number for each in str(form.get("ids", "")).split() if (number := whole(each, digits=18)) is not None]
