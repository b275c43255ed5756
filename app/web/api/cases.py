"""Cases: list, read, answer, note, take, release, hand over, tag, close."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app import api_reading, audit, cases, closing, handing
from app.errors import NotFound
from app.filters import View
from app.lists import case_card, list_cases
from app.models import User
from app.web.api.deps import ReadsCases, Sends, WritesCases
from app.web.api.shapes import (
    FAILURES,
    AssignableOut,
    CaseOut,
    CasesOut,
    CloseIn,
    HandOverIn,
    MessageOut,
    MessagesOut,
    NamedOut,
    NoteIn,
    NoteOut,
    NotesOut,
    ReplyIn,
    TagIn,
)
from app.web.deps import HubDep, Tx

router = APIRouter(prefix="/api/v1/cases", tags=["cases"], responses=FAILURES)

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("")
async def index(
    hub: HubDep, tx: Tx, user: ReadsCases, view: View = "all", before: str = "", limit: Limit = 50
) -> CasesOut:
    """The most urgent first."""
    page = await list_cases(hub, tx, user, view=view, before=before, limit=limit)
    return CasesOut(items=[CaseOut.of(card) for card in page.items], next=page.next, counts=page.counts)


@router.get("/{case_id}")
async def read(tx: Tx, user: ReadsCases, case_id: int) -> CaseOut:
    card = await case_card(tx, user, case_id)
    await audit.note_reading(tx, user, card.case)
    return CaseOut.of(card)


@router.get("/{case_id}/messages")
async def messages(tx: Tx, user: ReadsCases, case_id: int, before: int | None = None, limit: Limit = 50) -> MessagesOut:
    """Of all conversations of the person, the newest first."""
    found, more = await api_reading.messages(tx, user, case_id, before=before, limit=limit)
    return MessagesOut(items=[MessageOut.of(message) for message in found], next=more)


@router.post("/{case_id}/replies", status_code=201)
async def reply(
    response: Response,
    hub: HubDep,
    tx: Tx,
    user: Sends,
    case_id: int,
    given: ReplyIn,
    idempotency_key: Annotated[str, Header(description="of your making, one per message")] = "",
) -> MessageOut:
    """Send an answer. The same Idempotency-Key again sends nothing and answers 200 with the first message.

    Refused (409) where the topic asks for a second reader: such replies are written in the inbox.
    """
    wanted = api_reading.Reply(given.conversation_id, given.text, given.seen_seq)
    message, new = await api_reading.reply_once(hub, tx, user, case_id, wanted, idempotency_key)
    if not new:
        response.status_code = 200
    return MessageOut.of(message)


@router.post("/{case_id}/notes", status_code=201)
async def note(hub: HubDep, tx: Tx, user: WritesCases, case_id: int, given: NoteIn) -> NoteOut:
    """An internal note: only staff ever read it."""
    event = await cases.note(hub, tx, user, case_id, given.text)
    await tx.refresh(event, ["created_at"])
    return NoteOut.of(event)


@router.get("/{case_id}/notes")
async def notes(tx: Tx, user: ReadsCases, case_id: int, before: int | None = None, limit: Limit = 50) -> NotesOut:
    """The newest first."""
    found, more = await api_reading.notes(tx, user, case_id, before=before, limit=limit)
    return NotesOut(items=[NoteOut.of(event) for event in found], next=more)


@router.post("/{case_id}/close")
async def close(hub: HubDep, tx: Tx, user: WritesCases, case_id: int, given: CloseIn | None = None) -> CaseOut:
    """Closing a closed case changes nothing. Replies that wait come back to their writers as drafts."""
    wanted = given or CloseIn()
    await closing.close(hub, tx, user, case_id, outcome=wanted.outcome, ask=wanted.ask_whether_it_helped)
    return await _now(tx, user, case_id)


@router.post("/{case_id}/take")
async def take(hub: HubDep, tx: Tx, user: WritesCases, case_id: int) -> CaseOut:
    """Make the case yours; refused (409) where a colleague was faster."""
    await cases.take(hub, tx, user, case_id)
    return await _now(tx, user, case_id)


@router.post("/{case_id}/release")
async def release(hub: HubDep, tx: Tx, user: WritesCases, case_id: int) -> CaseOut:
    """Back to everybody: nobody has it."""
    await cases.release(hub, tx, user, case_id)
    return await _now(tx, user, case_id)


@router.get("/{case_id}/assignable")
async def assignable(tx: Tx, user: ReadsCases, case_id: int) -> AssignableOut:
    """To whom the case can be handed over: colleagues who see it, teams with somebody in them."""
    case = await cases.access_case(tx, user, case_id)
    people, teams = await handing.colleagues(tx, case), await handing.teams(tx)
    return AssignableOut(
        colleagues=[NamedOut(id=one.id, name=one.name) for one in people],
        teams=[NamedOut(id=one.id, name=one.name) for one in teams],
    )


@router.post("/{case_id}/hand-over", responses={204: {"description": "done, and you no longer see the case"}})
async def hand_over(
    response: Response, hub: HubDep, tx: Tx, user: WritesCases, case_id: int, given: HandOverIn
) -> CaseOut | None:
    """To a colleague or a team; refused (409) where the case changed hands since you read it."""
    seen, words = given.seen_assignee_id, given.note
    if given.team_id is not None:
        await handing.assign_team(hub, tx, user, case_id, team_id=given.team_id, seen_assignee_id=seen, note=words)
    else:
        to_id = given.colleague_id or 0
        await handing.assign(hub, tx, user, case_id, to_id=to_id, seen_assignee_id=seen, note=words)
    try:
        return await _now(tx, user, case_id)
    except NotFound:
        response.status_code = 204
        return None


@router.post("/{case_id}/tags")
async def add_tag(hub: HubDep, tx: Tx, user: WritesCases, case_id: int, given: TagIn) -> CaseOut:
    """A tag that is there already changes nothing."""
    await handing.tag(hub, tx, user, case_id, given.name)
    return await _now(tx, user, case_id)


@router.post("/{case_id}/tags/remove")
async def remove_tag(hub: HubDep, tx: Tx, user: WritesCases, case_id: int, given: TagIn) -> CaseOut:
    await handing.untag(hub, tx, user, case_id, given.name)
    return await _now(tx, user, case_id)


async def _now(tx: AsyncSession, user: User, case_id: int) -> CaseOut:
    return CaseOut.of(await case_card(tx, user, case_id))
