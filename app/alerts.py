"""Calls for a human about urgent cases: an e-mail and, where an admin set it, a message to a staff chat.

They carry the case's number and place only: a lock screen may show them to anybody.
"""

import asyncio
import logging
import smtplib
import ssl
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import STAFF_CHAT
from app.escalating import audience
from app.hub import Hub
from app.models import Alert, Case, Setting
from channels.base import Outbound, SendError, SendErrorKind

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20
SMTP_SECONDS = 20.0
REASONS = {
    "danger": "Gefahr / danger",
    "deadline": "Frist läuft ab / deadline",
    "sms_budget_80": "SMS: 80 % des Monatsbudgets verbraucht / of the month's budget spent",
    "sms_budget_100": "SMS: Monatsbudget verbraucht / the month's budget is spent",
}


class NotDelivered(Exception):
    """The alert did not leave; `retry` where it may work later."""

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


async def send(hub: Hub, alert_id: int) -> None:
    """One try. An alert too many is better than one too few: what is uncertain is tried again."""
    async with hub.db.transaction() as session:
        alert = await session.get(Alert, alert_id)
        if alert is None or alert.status != "queued":
            return
        case = await session.get(Case, alert.case_id) if alert.case_id else None
        subject, text = _words(hub, alert, case)
        recipients = await audience(hub, session, case, alert.step) if alert.way == "email" else []
        chat = await _staff_chat(session) if alert.way == "staff_chat" else None
    try:
        if alert.way == "email":
            if not recipients:
                raise NotDelivered("nobody is there to be written to", retry=False)
            await asyncio.to_thread(send_mail, hub.settings.smtp_url, ", ".join(recipients), subject, text)
        else:
            await _send_chat(hub, chat, text)
    except NotDelivered as error:
        await _failed(hub, alert_id, error)
    else:
        async with hub.db.transaction() as session:
            alert = await session.get_one(Alert, alert_id)
            alert.status, alert.error = "sent", None


async def _failed(hub: Hub, alert_id: int, error: NotDelivered) -> None:
    async with hub.db.transaction() as session:
        alert = await session.get_one(Alert, alert_id, with_for_update=True)
        alert.attempts += 1
        alert.error = error.reason
        log.error("alert %d by %s did not leave: %s", alert.id, alert.way, error.reason)
        if error.retry and alert.attempts < MAX_ATTEMPTS:
            alert.next_try_at = hub.now() + timedelta(seconds=min(600, 5 * 2**alert.attempts))
            await hub.waker.alert(session, alert.id, at=alert.next_try_at)
        else:
            alert.status = "failed"


def _words(hub: Hub, alert: Alert, case: Case | None) -> tuple[str, str]:
    reason = REASONS.get(alert.reason, alert.reason)
    subject = f"Streetwork Hub: {reason}"
    if case is None:
        return subject, f"{subject}\n{hub.settings.base_url}/inbox"
    place = f" · {case.place}" if case.place else ""
    return subject, f"{subject}\nFall / case {case.id}{place}\n{hub.settings.base_url}/inbox/{case.id}"


async def _staff_chat(session: AsyncSession) -> dict[str, str] | None:
    setting = await session.get(Setting, STAFF_CHAT)
    return setting.value if setting else None


async def _send_chat(hub: Hub, chat: dict[str, str] | None, text: str) -> None:
    channel = hub.registry.by_name(chat["channel"]) if chat else None
    if chat is None or channel is None:
        raise NotDelivered("the staff chat's channel is not there", retry=False)
    try:
        await channel.adapter.send(str(chat["chat_id"]), Outbound(text=text))
    except SendError as error:
        retry = error.kind.retry or error.kind is SendErrorKind.UNCERTAIN
        raise NotDelivered(error.kind.code, retry=retry) from None


def send_mail(smtp_url: str, recipients: str, subject: str, text: str) -> None:
    """smtp://user:password@host:587 (STARTTLS where offered) or smtps://…:465. Raises NotDelivered."""
    url = urlsplit(smtp_url)
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = unquote(url.username or "") if "@" in unquote(url.username or "") else "streetwork-hub@localhost"
    message["To"] = recipients
    message.set_content(text)
    try:
        with _connect(url.scheme, url.hostname or "localhost", url.port) as server:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: an address that can't be one
        raise NotDelivered(type(error).__name__) from None


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=SMTP_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port or 587, timeout=SMTP_SECONDS)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    return server
