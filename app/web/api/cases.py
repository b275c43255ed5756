"""Cases: list, read, answer, note, close."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from app import api_reading, audit, cases
from app.filters import View
from app.lists import case_card, list_cases
from app.web.api.deps import ReadsCases, Sends, WritesCases
from app.web.api.shapes import FAILURES, CaseOut, CasesOut, MessageOut, MessagesOut, NoteIn, NoteOut, ReplyIn
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
    """Send an answer. The same Idempotency-Key again sends nothing and answers 200 with the first message."""
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
    return NoteOut(id=event.id, created_at=event.created_at)


@router.post("/{case_id}/close")
async def close(hub: HubDep, tx: Tx, user: WritesCases, case_id: int) -> CaseOut:
    """Closing a closed case changes nothing."""
    await cases.close(hub, tx, user, case_id)
    return CaseOut.of(await case_card(tx, user, case_id))
