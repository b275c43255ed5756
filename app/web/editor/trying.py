"""The simulator in place: drafts tried out on three apps' looks. All that a try-out is stands in its forms, nothing is stored."""

from datetime import date
from typing import Any, Literal

from babel.numbers import format_decimal
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.editor.dialogues import TRANSCRIPT
from app.editor.drafted import Which, drafted_library
from app.editor.drafts import create
from app.editor.known import fields_of, read_known, written
from app.editor.rehearsal import STEPS, Input, Outcome, Script, as_transcript, rehearse
from app.errors import BadInput, Conflict, HubError
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.flow_views import targets
from app.web.editor.flow_words import FlowWords
from app.web.i18n import Texts, texts
from app.web.pages import is_fragment, reader_language, render
from app.web.phone import Phone, bubbles_of, picks_of
from app.web.visitor import LOOKS
from flows.dialogue.graph import Flow
from flows.dialogue.transcript import BadTranscript
from flows.library import Library
from flows.model import UNDERSTOOD_LANGUAGES

router = APIRouter(prefix="/editor/try", include_in_schema=False)

TEXT_CHARS = 4096


class Said(BaseModel):
    text: str = Field(max_length=TEXT_CHARS)
    button: str = Field("", max_length=200)


class Try(BaseModel):
    """What the forms carry along."""

    look: Literal["telegram", "whatsapp", "sms"] = "telegram"
    language: str = "de"
    place: str = ""
    on: date
    what: Which = "drafts"
    flow: str = ""
    node: str = ""
    entry: str = ""
    known: dict[str, Any] = Field(default_factory=dict)
    said: list[Said] = Field(default_factory=list, max_length=STEPS)

    @property
    def this(self) -> tuple[str, str] | None:
        return ("flow", self.flow) if self.flow else ("entry", self.entry) if self.entry else None

    def script(self) -> Script:
        said = tuple(Input(each.text, each.button) for each in self.said)
        return Script(self.look, self.language, self.place, self.on, self.flow, self.node, self.entry, self.known, said)


@router.get("")
async def try_page(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, flow: str = "", node: str = "", entry: str = ""
) -> Response:
    """`flow` at `node`, or `entry`: where to begin. For htmx the part that other pages of the editor show."""
    trial = Try(on=hub.today, language=reader_language(request), flow=flow, node=node, entry=entry)
    return await _show(request, hub, tx, trial)


@router.post("")
async def go_on(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    trial = _read(form)
    problem: HubError | None = None
    try:
        library, _ = await drafted_library(tx, hub.shelf.library, trial.what, trial.this)
        trial = _changed(trial, form, library)
        if form.get("do") == "keep":
            return await _keep(request, hub, tx, user, trial)
    except (BadInput, Conflict) as error:
        problem = error
    return await _show(request, hub, tx, trial, problem, heard=True)


def _read(form: FormData) -> Try:
    try:
        return Try.model_validate_json(str(form.get("state", "")))
    except ValidationError:
        raise BadInput("error.422") from None


def _changed(trial: Try, form: FormData, library: Library) -> Try:
    """One thing is done: words or a button, a step back, from the beginning, another app, other circumstances."""
    text, button = str(form.get("text", "")).strip(), str(form.get("button", ""))
    if button:
        return _heard(trial, Said(text=str(form.get("label", ""))[:TEXT_CHARS], button=button[:200]))
    if text:
        return _heard(trial, Said(text=text[:TEXT_CHARS]))
    match form.get("do"):
        case "back":
            return trial.model_copy(update={"said": trial.said[:-1]})
        case "anew":
            return trial.model_copy(update={"said": []})
        case "look" if form.get("look") in LOOKS:
            return trial.model_copy(update={"look": form["look"]})
        case "set":
            return _set(trial, form, library)
    return trial


def _heard(trial: Try, said: Said) -> Try:
    if len(trial.said) >= STEPS:
        raise BadInput("This has become long. Please start anew.")
    return trial.model_copy(update={"said": [*trial.said, said]})


def _set(trial: Try, form: FormData, library: Library) -> Try:
    """Other circumstances: what was said is played again with them, but where the dialogue begins elsewhere."""
    kind, _, key = str(form.get("begin", "")).partition(":")
    begins = {"flow": key if kind == "flow" else "", "entry": key if kind == "entry" else ""}
    elsewhere = begins != {"flow": trial.flow, "entry": trial.entry}
    node = "" if elsewhere else str(form.get("node", ""))
    values = {name.removeprefix("known_"): str(value) for name, value in form.items() if name.startswith("known_")}
    data = (
        trial.model_dump()
        | begins
        | {
            "node": node,
            "language": form.get("language"),
            "place": form.get("place"),
            "on": form.get("on"),
            "what": form.get("what"),
            "known": {} if elsewhere else read_known(library, trial.flow, values),
            "said": [] if elsewhere or node != trial.node else trial.said,
        }
    )
    try:
        return Try.model_validate(data)
    except ValidationError:
        raise BadInput("error.422") from None


async def _keep(request: Request, hub: Hub, tx: AsyncSession, user: User, trial: Try) -> Response:
    """As a draft of a stored dialogue."""
    form = await request.form()
    library, _ = await drafted_library(tx, hub.shelf.library, trial.what, trial.this)
    script = trial.script()
    outcome = await rehearse(hub, library, script)
    try:
        stored = as_transcript(library, script, outcome, str(form.get("name", "")).strip())
    except BadTranscript:
        raise BadInput("Only a dialogue that begins with a flow, in a language with answers, can be kept.") from None
    except ValidationError:
        raise BadInput("A name is made of small letters, digits and _, like dismissal_ro_sms.") from None
    async with tx.begin_nested():
        await create(hub, tx, user, TRANSCRIPT, stored.name, stored.model_dump())
    return RedirectResponse(f"/editor/transcripts/{stored.name}?done=kept", status_code=303)


async def _show(
    request: Request, hub: Hub, tx: AsyncSession, trial: Try, problem: HubError | None = None, *, heard: bool = False
) -> Response:
    library, left_out = await drafted_library(tx, hub.shelf.library, trial.what, trial.this)
    if trial.language not in UNDERSTOOD_LANGUAGES or (trial.place and trial.place not in library.places):
        raise BadInput("error.422")
    begins_nowhere = (trial.flow and trial.flow not in library.flows) or (
        trial.entry and trial.entry not in library.entries
    )
    if begins_nowhere:
        problem = problem or BadInput("This can't be tried out yet: something in the draft is missing or too long.")
        trial = trial.model_copy(update={"flow": "", "node": "", "entry": "", "said": []})
    flow = library.flows[trial.flow][1] if trial.flow else None
    if flow is None or trial.node not in flow.nodes:
        trial.node = ""
    outcome = await rehearse(hub, library, trial.script())
    words = texts(reader_language(request))
    return render(
        request,
        _template(request, heard=heard),
        status=problem.status if problem and not is_fragment(request) else 200,
        trial=trial,
        state=trial.model_dump_json(),
        look=trial.look,
        looks=list(LOOKS.items()),
        phone=_phone(outcome, trial.look),
        outcome=outcome,
        spoken=_spoken(outcome),
        library=library,
        flow=flow,
        steps=_steps(words, library, flow) if flow else [],
        fields=fields_of(library, trial.flow),
        written={key: written(value) for key, value in trial.known.items()},
        languages=UNDERSTOOD_LANGUAGES,
        left_out=left_out,
        heard=heard,
        problem=words.say(problem.message, problem.detail) if problem else "",
        cents=lambda value: f"{format_decimal(value, '#,##0.##', locale=words.language)} ct",
        bill=_bill(outcome),
        name=_name(trial),
        greetings={},
    )


def _template(request: Request, *, heard: bool) -> str:
    if not is_fragment(request):
        return "editor/try.html"
    return "editor/_try_live.html" if heard else "editor/_try.html"


def _steps(words: Texts, library: Library, flow: Flow) -> list[tuple[str, str]]:
    """As the flow editor lists them. A draft's own order is that of its storage, and means nothing."""
    data = flow.model_dump(mode="json")
    return targets(FlowWords(words, library, data), data)


def _phone(outcome: Outcome, look: str) -> Phone:
    conversation, messages = outcome.conversation, outcome.messages
    bubbles = tuple(bubbles_of(conversation, messages, conversation.last_seq, look))
    picks = picks_of(messages[-1]) if messages and look != "telegram" else ()
    return Phone(conversation, bubbles, picks=picks)


def _spoken(outcome: Outcome) -> list[str]:
    """What the bot said last, for screen readers."""
    said: list[str] = []
    for message in reversed(outcome.messages):
        if message.direction == "in":
            break
        said.insert(0, message.text or "")
    return said


def _bill(outcome: Outcome) -> dict[str, float]:
    costs = [message.payload["sms"] for message in outcome.messages if message.payload.get("sms")]
    return {"segments": sum(each["segments"] for each in costs), "cents": sum(each["cents"] for each in costs)}


def _name(trial: Try) -> str:
    return f"{trial.flow}_{trial.language}_{trial.look}" if trial.flow else ""
