"""What an operator must know about a WhatsApp number: does the token work, where do webhooks go, which templates are approved."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.base import Finding, SendError, failed_finding
from channels.telegram_fields import Fields
from channels.whatsapp_wire import Graph, segment

_SOON = timedelta(days=14)
_MAX_PAGES = 20
_BASICS = "display_phone_number,verified_name,quality_rating,code_verification_status"
_MORE = "health_status,webhook_configuration"


@dataclass(frozen=True, slots=True)
class TemplateState:
    """A message template as Meta has it; only `APPROVED` ones may be sent."""

    name: str
    language: str
    status: str
    category: str
    variables: int  # in its body

    @property
    def approved(self) -> bool:
        return self.status == "APPROVED"


class Setup:
    """`waba_id` is the WhatsApp Business Account's; without it Meta is asked whose the number is."""

    def __init__(self, graph: Graph, phone_number_id: str, app_secret: str, waba_id: str = "") -> None:
        self._graph = graph
        self._number = segment(phone_number_id)
        self._app_secret = app_secret
        self._waba_id = waba_id

    async def connect(self, webhook_url: str, *, verify_token: str) -> list[Finding]:
        """The callback URL belongs to the app, which other numbers may share: it is set by hand."""
        findings = [] if verify_token else [Finding("verify_token", False, "a verify token is needed")]
        try:
            about = await self._more()
        except SendError as error:
            return [*findings, failed_finding("token", error)]
        findings.append(_webhook(about, webhook_url) or Finding("webhook_url", False, _by_hand(webhook_url)))
        return [*findings, await self._subscribe(about)]

    async def _subscribe(self, about: Fields) -> Finding:
        waba_id = self._waba(about)
        if not waba_id:
            return Finding("subscribed", False, "the WhatsApp Business Account's id is not known")
        try:
            await self._graph.post(f"{segment(waba_id)}/subscribed_apps", repeatable=True)
        except SendError as error:
            return failed_finding("subscribed", error)
        return Finding("subscribed", True, f"account {waba_id}")

    async def check(self, webhook_url: str, *, verify_token: str) -> list[Finding]:
        try:
            basics = Fields(await self._graph.get(self._number, fields=_BASICS))
        except SendError as error:
            return [failed_finding("token", error)]
        about = await self._more_or_nothing()
        findings = [
            *_number(basics),
            *await self._token_age(),
            *await self._secret(),
            Finding("verify_token", bool(verify_token), "" if verify_token else "a verify token is needed"),
        ]
        if finding := _webhook(about, webhook_url):
            findings.append(finding)
        return [*findings, *_health(about), *await self._account(self._waba(about))]

    async def templates(self) -> list[TemplateState]:
        """All templates of the account; none where its id can't be found. Raises SendError."""
        waba_id = self._waba(await self._more_or_nothing())
        return await self._templates(waba_id) if waba_id else []

    async def _templates(self, waba_id: str) -> list[TemplateState]:
        found: list[TemplateState] = []
        after: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            fields = "name,language,status,category,components"
            page = Fields(
                await self._graph.get(f"{segment(waba_id)}/message_templates", fields=fields, limit="100", **after)
            )
            found += [_template(one) for one in page.children("data")]
            cursor = page.child("paging").child("cursors").text("after")
            if not cursor or "next" not in page.child("paging"):
                break
            after = {"after": cursor}
        return found

    # What is asked

    async def _more(self) -> Fields:
        return Fields(await self._graph.get(self._number, fields=_MORE))

    async def _more_or_nothing(self) -> Fields:
        """Newer fields, which a replaced `api_base` may not know."""
        try:
            return await self._more()
        except SendError:
            return Fields(None)

    def _waba(self, about: Fields) -> str:
        if self._waba_id:
            return self._waba_id
        entities = about.child("health_status").children("entities")
        return next((one.text("id") or "" for one in entities if one.text("entity_type") == "WABA"), "")

    async def _token_age(self) -> list[Finding]:
        """Asked in a batch: there the token stands in the body, and not in the URL."""
        question = {"method": "GET", "relative_url": f"debug_token?input_token={segment(self._graph.token)}"}
        try:
            answers = await self._graph.post_list("", data={"batch": json.dumps([question])})
        except SendError:
            return []
        body = Fields({"answers": answers}).children("answers")[:1]
        try:
            data = Fields(json.loads((body[0].text("body") if body else "") or "{}")).child("data")
        except (ValueError, RecursionError):
            return []
        if "expires_at" not in data:
            return []
        return [_expiry(data)]

    async def _secret(self) -> list[Finding]:
        """Meta compares the proof with the secret of the app that the token belongs to."""
        if not self._app_secret:
            return [Finding("app_secret", False, "an app secret is needed, or no webhook is believed")]
        key, token = self._app_secret.encode("utf-8", "replace"), self._graph.token.encode()
        proof = hmac.new(key, token, hashlib.sha256).hexdigest()
        try:
            await self._graph.get(self._number, fields="id", appsecret_proof=proof)
        except SendError as error:
            return [Finding("app_secret", False, f"not the secret of the token's app ({error.detail})")]
        return [Finding("app_secret", True)]

    async def _account(self, waba_id: str) -> list[Finding]:
        if not waba_id:
            return []
        try:
            apps = Fields(await self._graph.get(f"{segment(waba_id)}/subscribed_apps")).children("data")
            templates = await self._templates(waba_id)
        except SendError as error:
            return [Finding("account", False, f"account {waba_id}: {error}")]
        approved = sum(template.approved for template in templates)
        told = f"{approved} of {len(templates)} templates are approved"
        subscribed = Finding("subscribed", bool(apps), f"{len(apps)} apps hear of account {waba_id}")
        return [subscribed, Finding("templates", approved > 0, told)]


def _by_hand(webhook_url: str) -> str:
    return (
        "set by hand in Meta's app dashboard, WhatsApp > Configuration: "
        f"callback URL {webhook_url}, this channel's verify token, and the field 'messages' "
        "(besides it 'user_preferences' and 'user_id_update')"
    )


def _number(basics: Fields) -> list[Finding]:
    shown = basics.text("display_phone_number") or "number not shown"
    findings = [Finding("token", True, shown)]
    if quality := basics.text("quality_rating"):
        findings.append(Finding("quality", quality not in ("RED", "LOW"), quality))
    if (verified := basics.text("code_verification_status")) and verified != "VERIFIED":
        findings.append(Finding("verified", verified != "NOT_VERIFIED", verified))
    return findings


def _webhook(about: Fields, webhook_url: str) -> Finding | None:
    """The most particular setting wins: the number's, the account's, the app's."""
    settings = about.child("webhook_configuration")
    if not settings.raw:
        return None
    places = ("phone_number", "whatsapp_business_account", "application")
    found = next((url for place in places if (url := settings.text(place))), "none is set")
    if found == webhook_url:
        return Finding("webhook_url", True, found)
    return Finding("webhook_url", False, f"{found}; {_by_hand(webhook_url)}")


def _health(about: Fields) -> list[Finding]:
    """Only what is not well."""
    entities = about.child("health_status").children("entities")
    return [
        Finding("health", False, f"{one.text('entity_type')}: {state} ({_reasons(one)})")
        for one in entities
        if (state := one.text("can_send_message")) and state != "AVAILABLE"
    ]


def _reasons(entity: Fields) -> str:
    codes = [str(error.whole("error_code") or "?") for error in entity.children("errors")]
    return ", ".join(codes) or "no reason given"


def _expiry(data: Fields) -> Finding:
    """0 is a system user's token, which never ends; those of the dashboard end within a day."""
    at = data.time("expires_at")
    if at is None:
        return Finding("token_expires", True, "never")
    fine = data.raw.get("is_valid") is not False and at - datetime.now(UTC) > _SOON
    return Finding("token_expires", fine, at.date().isoformat())


def _template(raw: Fields) -> TemplateState:
    body = next((part.text("text") or "" for part in raw.children("components") if part.text("type") == "BODY"), "")
    texts: dict[str, Any] = {name: raw.text(name) or "" for name in ("name", "language", "status", "category")}
    return TemplateState(**texts, variables=len(set(re.findall(r"\{\{\s*(\w+)\s*\}\}", body))))
