"""People, as the hub knows them: an invented name, language, place, what they told; never an address."""

from typing import Annotated

from fastapi import APIRouter, Query

from app import api_reading
from app.web.api.deps import ReadsContacts
from app.web.api.shapes import FAILURES, ContactOut, ContactsOut
from app.web.deps import Tx

router = APIRouter(prefix="/api/v1/contacts", tags=["contacts"], responses=FAILURES)


@router.get("")
async def index(
    tx: Tx, user: ReadsContacts, before: int | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> ContactsOut:
    """Of whom you may see a case, the newest first."""
    found, more = await api_reading.contacts(tx, user, before=before, limit=limit)
    return ContactsOut(items=[ContactOut.of(view) for view in found], next=more)


@router.get("/{contact_id}")
async def read(tx: Tx, user: ReadsContacts, contact_id: int) -> ContactOut:
    return ContactOut.of(await api_reading.contact(tx, user, contact_id))
