"""The first page for admins: what needs somebody now, place by place, and what of the hub is not in order."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import audit
from app.cases import STAFF_CHAT
from app.errors import BadInput
from app.models import Setting, User
from app.web.attention import needs_attention
from app.web.deps import AdminDep, HubDep, Tx
from app.web.duty_views import duty_now
from app.web.pages import render
from app.web.public import OPERATOR, OPERATOR_FIELDS

router = APIRouter(prefix="/admin", include_in_schema=False)


@router.get("")
async def admin_page(request: Request, hub: HubDep, tx: Tx, user: AdminDep) -> Response:
    duty = await duty_now(hub, tx)
    spool = sum(await asyncio.to_thread(request.app.state.spool.state))
    return render(request, "admin.html", duty=duty, attention=await needs_attention(hub, tx, duty, spool))


@router.post("/staff-chat")
async def set_staff_chat(
    hub: HubDep, tx: Tx, user: AdminDep, channel: Annotated[str, Form()] = "", chat_id: Annotated[str, Form()] = ""
) -> Response:
    """Both empty switches it off."""
    channel, chat_id = channel.strip(), chat_id.strip()
    if not channel and not chat_id:
        await tx.execute(sa.delete(Setting).where(Setting.key == STAFF_CHAT))
        return RedirectResponse("/admin/settings?done=saved", status_code=303)
    live = hub.registry.by_name(channel)
    if live is None or live.kind != "telegram":
        raise BadInput("Choose one of the Telegram channels.")
    if not chat_id.lstrip("-").isdecimal():
        raise BadInput("A chat id is a number, often with a minus sign.")
    await write_setting(tx, user, STAFF_CHAT, {"channel": channel, "chat_id": chat_id})
    return RedirectResponse("/admin/settings?done=saved", status_code=303)


@router.post("/operator")
async def set_operator(request: Request, tx: Tx, user: AdminDep) -> Response:
    form = await request.form()
    value = {field: str(form.get(field, "")).strip()[:500] for field in OPERATOR_FIELDS}
    await write_setting(tx, user, OPERATOR, value)
    return RedirectResponse("/admin/settings?done=saved", status_code=303)


async def read_setting(session: AsyncSession, key: str) -> dict[str, str]:
    row = await session.get(Setting, key)
    return dict(row.value) if row else {}


async def write_setting(session: AsyncSession, user: User, key: str, value: Mapping[str, object]) -> None:
    await audit.note(session, user, "setting_changed", setting=key)
    new = {"value": value, "updated_by": user.id}
    statement = insert(Setting).values(key=key, **new).on_conflict_do_update(index_elements=["key"], set_=new)
    await session.execute(statement)
