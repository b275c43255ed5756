"""What `channel check` finds out about a Twilio account, and the one thing that can be set from here."""

from typing import Any
from urllib.parse import parse_qs

from twilio.rest import Client

from channels.base import Finding, SendError, failed_finding
from channels.twilio_fields import TwilioKind, on_the_wire
from channels.twilio_wire import attempt

OVERRIDE = "#rc=5&rp=all"  # ask again up to five times, after answers like 500 too; by default Twilio does not
_RETRIED = frozenset({"all", "5xx", "rt"})


class Setup:
    def __init__(self, client: Client, kind: TwilioKind, own: str, service: str, status_callback: str) -> None:
        self._client = client
        self._kind = kind
        self._own = own
        self._service = service
        self._status_callback = status_callback

    async def check(self, webhook_url: str) -> list[Finding]:
        try:
            account = await attempt(self._client.api.account.fetch_async())
        except SendError as error:
            return [failed_finding("credentials", error)]
        findings = [Finding("credentials", True), *_of_account(account)]
        findings.append(Finding("status_callback", bool(self._status_callback), self._status_callback or "none is set"))
        if not self._own and not self._service:
            return [*findings, Finding("number", False, "neither a number nor a messaging service is configured")]
        if self._service:
            through_service, of_service = await self._of_service(webhook_url)
            findings += of_service
            if through_service or not self._own:
                return findings
        return findings + await self._of_sender(webhook_url)

    async def connect(self, webhook_url: str) -> list[Finding]:
        """Sets the number's webhook where the number is an SMS number of this account; else says what to set."""
        if self._kind == "whatsapp":
            return await self._by_hand_unless_set(webhook_url)
        try:
            number = await self._number()
            if number is None:
                return [_by_hand(webhook_url, "the number is not in this account")]
            if number.sms_application_sid:
                return [_by_hand(webhook_url, "a TwiML app takes the number's messages")]
            await attempt(number.update_async(sms_url=webhook_url + OVERRIDE, sms_method="POST"))
        except SendError as error:
            return [failed_finding("webhook_set", error)]
        return [Finding("webhook_set", True, webhook_url + OVERRIDE)]

    async def _by_hand_unless_set(self, webhook_url: str) -> list[Finding]:
        found = {finding.code: finding for finding in await self._of_sender(webhook_url)}
        if "webhook_url" in found and all(finding.ok for finding in found.values()):
            return [Finding("webhook_set", True, found["webhook_url"].detail)]
        return [_by_hand(webhook_url, "WhatsApp sender")]

    async def _of_service(self, webhook_url: str) -> tuple[bool, list[Finding]]:
        """Whether the service takes the messages itself, or leaves that to its numbers."""
        try:
            service = await attempt(self._client.messaging.v1.services(self._service).fetch_async())
        except SendError as error:
            return True, [failed_finding("messaging_service", error)]
        findings = [Finding("messaging_service", True, service.friendly_name or self._service)]
        if service.use_inbound_webhook_on_number:
            return False, findings
        return True, findings + _of_webhook(service.inbound_request_url, webhook_url)

    async def _of_sender(self, webhook_url: str) -> list[Finding]:
        try:
            if self._kind == "whatsapp":
                return await self._of_whatsapp_sender(webhook_url)
            number = await self._number()
        except SendError as error:
            if self._kind == "whatsapp":
                return [_by_hand(webhook_url, f"the senders can't be read: {error}")]
            return [failed_finding("number", error)]
        if number is None:
            return [Finding("number", False, "not in this account")]
        return [*_of_number(number), *_of_webhook(number.sms_url, webhook_url)]

    async def _of_whatsapp_sender(self, webhook_url: str) -> list[Finding]:
        senders = await attempt(self._client.messaging.v2.channels_senders.list_async(channel="whatsapp", limit=200))
        wanted = on_the_wire(self._own, self._kind)
        sender = next((one for one in senders if one.sender_id == wanted), None)
        if sender is None:
            return [_by_hand(webhook_url, "not among the account's WhatsApp senders; the sandbox has its own page")]
        online = str(sender.status or "").upper().startswith("ONLINE")
        webhook = sender.webhook
        url = webhook.get("callback_url") if isinstance(webhook, dict) else getattr(webhook, "callback_url", None)
        return [Finding("number", online, str(sender.status or "")), *_of_webhook(url, webhook_url)]

    async def _number(self) -> Any:
        """Raises SendError."""
        numbers = await attempt(
            self._client.api.account.incoming_phone_numbers.list_async(phone_number=self._own, limit=20)
        )
        return next((one for one in numbers if one.phone_number == self._own), None)


def _of_account(account: Any) -> list[Finding]:
    findings = [Finding("account", account.status == "active", str(account.status))]
    if account.type == "Trial":
        findings.append(Finding("trial", False, "a trial account writes to verified numbers only"))
    return findings


def _of_number(number: Any) -> list[Finding]:
    capabilities = number.capabilities if isinstance(number.capabilities, dict) else {}
    findings = [Finding("number", capabilities.get("sms", True) is not False, "can send SMS" if capabilities else "")]
    if capabilities.get("sms") is False:
        findings = [Finding("number", False, "can't send SMS")]
    if number.sms_application_sid:
        findings.append(Finding("twiml_app", False, "takes the number's messages in place of its webhook"))
    return findings


def _of_webhook(found: str | None, webhook_url: str) -> list[Finding]:
    url, _, override = (found or "").partition("#")
    findings = [Finding("webhook_url", url == webhook_url, url or "none is set")]
    if url:
        options = parse_qs(override)
        retries = options.get("rc", ["1"])[0] not in ("0", "1")
        after_errors = bool(_RETRIED & set(options.get("rp", ["ct"])[0].split(",")))
        enough = retries and after_errors
        findings.append(Finding("webhook_override", enough, "" if enough else f"add {OVERRIDE} to the webhook's URL"))
    return findings


def _by_hand(webhook_url: str, why: str) -> Finding:
    return Finding("webhook_by_hand", False, f"{why}: set {webhook_url}{OVERRIDE} with POST in Twilio's console")
