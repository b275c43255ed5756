"""Running the double, its delivery of webhooks, and what becomes of messages."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn

from tests.providers.serving import Uvicorn, listen
from tests.providers.twilio.app import make_app
from tests.providers.twilio.messages import failure_of
from tests.providers.twilio.people import Person
from tests.providers.twilio.signing import sign
from tests.providers.twilio.state import Call, Delivery, Fault, File, Number, Pairs, Record, Service, State

ACCOUNT = "AC" + "5" * 32
TOKEN = "5c9f0a-double-of-twilio-for-tests"
NUMBER = "+4915199000001"

_FAILED = frozenset({"failed", "undelivered"})


class TwilioServer:
    """`async with TwilioServer() as twilio:`; give `api_base`, `account`, `token` and `number` to the adapter.

    `news` are the statuses that every accepted message gets afterwards, in that order (repeated or backwards, if a
    test likes); `early_news` are told before the create call is answered.
    """

    def __init__(self, *, port: int = 0) -> None:
        self.account, self.token, self.number = ACCOUNT, TOKEN, NUMBER
        self.state = State(ACCOUNT, TOKEN)
        self.sms = self._add_number(NUMBER)
        self.whatsapp = self._add_number(f"whatsapp:{NUMBER}", whatsapp=True)
        self.news: Sequence[str] = ("sent", "delivered")
        self.early_news: Sequence[str] = ()
        self.deliveries: list[Delivery] = []
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "TwilioServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._socket = listen(self._port)
        config = uvicorn.Config(
            make_app(self), lifespan="off", ws="none", log_config=None, access_log=False, timeout_keep_alive=60
        )
        config.timeout_graceful_shutdown = 1
        self._server = Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        self._client = httpx.AsyncClient(timeout=15, trust_env=False)
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Hanging answers end too."""
        self.state.closing.set()
        await self.state.notify()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server.should_exit = True
        await self._task
        await self._client.aclose()
        self._socket.close()

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    # The world

    def person(self, number: str = "+359888123456", *, whatsapp: bool = False) -> Person:
        """`number` may be a business-scoped id on WhatsApp."""
        return Person(self, number, whatsapp=whatsapp)

    def _add_number(self, number: str, *, whatsapp: bool = False) -> Number:
        return self.state.numbers.setdefault(number, Number(number, self.state.next_sid("PN"), whatsapp))

    def add_service(self, url: str = "", *, numbers_decide: bool = False) -> Service:
        service = Service(self.state.next_sid("MG"), url, numbers_decide)
        self.state.services[service.sid] = service
        return service

    def add_template(self, text: str) -> str:
        sid = self.state.next_sid("HX")
        self.state.templates[sid] = text
        return sid

    def add_file(self, content: bytes, mime: str, **about: Any) -> File:
        """A file in Twilio's store; `about` are File's other fields."""
        return self.state.add_file(content, mime, **about)

    def media_url(self, file: File, message: str = "MM0") -> str:
        return f"{self.api_base}/2010-04-01/Accounts/{self.account}/Messages/{message}/Media/{file.sid}"

    def goes_wrong(self, **fault: Any) -> Fault:
        """The next matching call fails as `Fault` says."""
        self.state.faults.append(Fault(**fault))
        return self.state.faults[-1]

    # What the hub did

    def calls(self, path: str = "", method: str | None = None) -> list[Call]:
        return [call for call in self.state.calls if path in call.path and method in (None, call.method)]

    def sent_to(self, address: str) -> list[Record]:
        return [one for one in self.state.records if one.to == address and one.direction != "inbound"]

    async def wait_for(self, address: str, count: int, seconds: float = 5.0) -> list[Record]:
        """The hub's messages to an address, as soon as there are `count`; TimeoutError if they don't come."""
        async with asyncio.timeout(seconds), self.state.changed:
            await self.state.changed.wait_for(lambda: len(self.sent_to(address)) >= count)
        return self.sent_to(address)

    # What becomes of messages

    async def took(self, record: Record) -> None:
        """A message was accepted: what follows happens beside the answer, but for the early news."""
        for status in self.early_news:
            await self.report(record, status)
        task = asyncio.create_task(self._carry(record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await self.state.notify()

    async def settled(self) -> None:
        """Everything that goes on beside the calls has ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _carry(self, record: Record) -> None:
        code = failure_of(self.state, record)
        if not await self._fetch_media(record):
            code = 63019 if record.to.startswith("whatsapp:") else 12300
        if code is not None:
            await self.report(record, "failed", code)
            return
        for status in self.news:
            await self.report(record, status)

    async def _fetch_media(self, record: Record) -> bool:
        for url in record.media_urls:
            try:
                response = await self._client.get(url)
            except httpx.HTTPError:
                return False
            if response.status_code != 200:
                return False
            mime = response.headers.get("content-type", "").split(";")[0]
            record.files.append(self.state.add_file(response.content, mime))
        return True

    async def report(self, record: Record, status: str, code: int | None = None) -> Delivery | None:
        """A status callback, whenever a test likes; None where no address was given for them."""
        record.status, record.error_code = status, code
        if status not in _FAILED and record.sent is None:
            record.sent = self.state.now()
        if not record.callback:
            return None
        form = [
            ("SmsSid", record.sid), ("SmsStatus", status), ("MessageStatus", status), ("To", record.to),
            ("MessageSid", record.sid), ("AccountSid", self.account), ("From", record.sender),
            ("ApiVersion", "2010-04-01"),
        ]  # fmt: skip
        if record.to.startswith("whatsapp:"):
            bare = record.to.removeprefix("whatsapp:")
            form += [("ChannelPrefix", "whatsapp"), ("ChannelToAddress", bare), ("EventType", status.upper())]
        if code is not None:
            form.append(("ErrorCode", str(code)))
        if record.service:
            form.append(("MessagingServiceSid", record.service))
        return await self.deliver(record.callback, form)

    # Webhooks

    async def deliver(
        self, url: str, form: Pairs, *, method: str = "POST", token: str | None = None, signed_url: str = ""
    ) -> Delivery:
        """Signed with `token` (another one forges, '' leaves the signature out) over `signed_url`, if that differs.

        Twilio's rule: one more try where no connection came about, unless the URL's fragment says otherwise.
        """
        delivery = Delivery(url, form)
        self.deliveries.append(delivery)
        bare, _, override = url.partition("#")
        options = parse_qs(override)
        tries = 1 + int(options.get("rc", ["1"])[0])
        policies = set(options.get("rp", ["ct"])[0].split(","))
        if method == "GET":
            bare += ("&" if urlsplit(bare).query else "?") + urlencode(form)
        headers = {"i-twilio-idempotency-token": str(uuid.uuid4()), "user-agent": "TwilioProxy/1.1"}
        key = self.token if token is None else token
        if key:
            headers["x-twilio-signature"] = sign(key, signed_url or bare, () if method == "GET" else form)
        for _ in range(tries):
            await self._request(delivery, method, bare, headers)
            if not _again(delivery.attempts[-1], policies):
                break
        return delivery

    async def _request(self, delivery: Delivery, method: str, url: str, headers: dict[str, str]) -> None:
        content = None if method == "GET" else urlencode(delivery.form)
        if content is not None:
            headers = headers | {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
        try:
            response = await self._client.request(method, url, content=content, headers=headers)
        except httpx.ConnectError:
            delivery.attempts.append(0)
            return
        except httpx.HTTPError:
            delivery.attempts.append(-1)
            return
        delivery.attempts.append(response.status_code)
        delivery.answer, delivery.content_type = response.text, response.headers.get("content-type", "")


def _again(status: int, policies: set[str]) -> bool:
    if 200 <= status < 400:
        return False
    reason = {0: "ct", -1: "rt"}.get(status, f"{status // 100}xx")
    return "all" in policies or reason in policies
