"""Everything about the hub that can be set: where it is set, what it is now, and what only the environment decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.auth import SESSION_IDLE, SESSION_MAX
from app.cases import STAFF_CHAT
from app.config import Settings
from app.duty_rules import DUTY, read_rules
from app.editor.policy import EDITOR, policy_now
from app.errors import BadInput
from app.models import Setting, User
from app.outbox import GIVE_UP_AFTER
from app.risky import SECOND_READER, rule_now
from app.staffing import INVITATION_LIFE
from app.web.admin import read_setting, write_setting
from app.web.deps import AdminDep, HubDep, Tx
from app.web.pages import render
from app.web.public import OPERATOR, OPERATOR_FIELDS

router = APIRouter(prefix="/admin/settings", include_in_schema=False)

SECRET = frozenset({"secret_key", "database_url", "smtp_url"})  # a page says that they are set, and no more


@dataclass(frozen=True, slots=True)
class Variable:
    """One of the environment. `value` is empty where it is secret or unset."""

    key: str
    value: str
    is_set: bool
    secret: bool

    @property
    def name(self) -> str:
        return f"STREETWORK_{self.key.upper()}"


@router.get("")
async def settings_page(request: Request, hub: HubDep, tx: Tx, user: AdminDep, done: str = "") -> Response:
    active = sa.select(sa.func.count(), sa.func.count(User.totp_secret)).where(User.disabled_at.is_(None))
    staff, with_code = (await tx.execute(active)).one()
    return render(
        request,
        "admin/settings.html",
        done=done,
        kept=set(await tx.scalars(sa.select(Setting.key).where(Setting.key.in_((DUTY, SECOND_READER))))),
        rules=await read_rules(tx),
        reader=await rule_now(tx),
        four_eyes=(await policy_now(tx)).four_eyes,
        staff_chat=await read_setting(tx, STAFF_CHAT),
        channels=hub.registry.all(),
        operator=await read_setting(tx, OPERATOR),
        operator_fields=OPERATOR_FIELDS,
        variables=list(variables(hub.settings)),
        staff=staff,
        with_code=with_code,
        hours={
            "idle": _hours(SESSION_IDLE),
            "give_up": _hours(GIVE_UP_AFTER),
        },
        days={"longest": SESSION_MAX.days, "invitation": INVITATION_LIFE.days},
    )


@router.post("/four-eyes")
async def save_four_eyes(tx: Tx, user: AdminDep, four_eyes: Annotated[str, Form()] = "") -> Response:
    if four_eyes not in ("on", "off"):
        raise BadInput("Please choose one.")
    await write_setting(tx, user, EDITOR, {"four_eyes": four_eyes == "on"})
    return RedirectResponse("/admin/settings?done=saved", status_code=303)


def variables(settings: Settings) -> Iterator[Variable]:
    for key in Settings.model_fields:
        value: Any = getattr(settings, key)
        secret = key in SECRET
        shown = "" if secret or value in ("", None) else str(int(value) if isinstance(value, bool) else value)
        yield Variable(key, shown, key in settings.model_fields_set and value not in ("", None), secret)


def _hours(span: Any) -> int:
    return int(span.total_seconds() // 3600)
