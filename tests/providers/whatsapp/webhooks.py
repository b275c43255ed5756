"""Webhooks as Meta writes, signs, repeats and bundles them."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence

import httpx

from tests.providers.whatsapp.state import WABA_ID, Delivery, Json, State

MOST_AT_ONCE = 1000


def wire_form(payload: Json) -> bytes:
    """Not one byte beyond ASCII: letters as \\uXXXX, and slashes with a backslash."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()


def signature(secret: str, body: bytes) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def envelope(changes: Sequence[Json]) -> Json:
    return {"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": list(changes)}]}


class Webhooks:
    """`retries` is how often a refused webhook comes again, and `pace` the second pause (the first is none)."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.retries = 0
        self.pace = 0.05
        self.deliveries: list[Delivery] = []
        self._held: list[Json] | None = None

    async def start(self) -> None:
        self._client = httpx.AsyncClient(timeout=30, trust_env=False)

    async def stop(self) -> None:
        await self._client.aclose()

    async def emit(self, number_id: str, value: Json, *, field: str = "messages") -> Delivery:
        """Something happened to a number: told at once, or with the next bundle."""
        display = "".join(filter(str.isdecimal, self.state.numbers[number_id].display))
        metadata = {"display_phone_number": display, "phone_number_id": number_id}
        change = {"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}, "field": field}
        if self._held is not None:
            self._held.append(change)
            return Delivery(envelope([change]))
        return await self.deliver_until_accepted(envelope([change]))

    def hold(self) -> None:
        """From now on everything gathers for one POST."""
        self._held = []

    async def release(self) -> list[Delivery]:
        """What gathered, of all numbers, up to a thousand changes in a POST."""
        changes, self._held = self._held or [], None
        bundles = [changes[start : start + MOST_AT_ONCE] for start in range(0, len(changes), MOST_AT_ONCE)]
        return [await self.deliver_until_accepted(envelope(bundle)) for bundle in bundles]

    async def deliver_until_accepted(self, payload: Json) -> Delivery:
        """Meta's rule: at once again, then with growing pauses, whatever else is delivered meanwhile."""
        delivery = Delivery(payload)
        self.deliveries.append(delivery)
        for attempt in range(1 + self.retries):
            if not self.state.webhook.url or delivery.accepted:
                break
            if attempt > 1:
                await asyncio.sleep(self.pace * 2 ** (attempt - 2))
            await self._post(delivery, None)
        return delivery

    async def deliver(self, payload: Json, *, secret: str | None = None) -> Delivery:
        """One POST; `secret` forges another signature ('' leaves the header out)."""
        delivery = Delivery(payload)
        self.deliveries.append(delivery)
        await self._post(delivery, secret)
        return delivery

    async def _post(self, delivery: Delivery, secret: str | None) -> None:
        body = wire_form(delivery.payload)
        key = self.state.app_secret if secret is None else secret
        headers = {"content-type": "application/json", "user-agent": "facebookexternalua"}
        if key:
            headers["x-hub-signature-256"] = signature(key, body)
        try:
            response = await self._client.post(self.state.webhook.url, content=body, headers=headers)
        except httpx.HTTPError:
            delivery.attempts.append(0)
        else:
            delivery.attempts.append(response.status_code)

    async def handshake(self, url: str, *, verify_token: str, challenge: str = "1158201444") -> httpx.Response:
        """What saving the callback URL in the dashboard does; only the challenge itself is believed."""
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        response = await self._client.get(url, params=query)
        if response.status_code == 200 and response.text == challenge:
            self.state.webhook.url, self.state.webhook.verify_token = url, verify_token
        return response
