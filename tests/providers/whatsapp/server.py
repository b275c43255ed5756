"""Running the double, and its news about what was sent."""

import asyncio
from typing import Any

import uvicorn

from tests.providers.serving import Uvicorn, listen
from tests.providers.whatsapp.app import make_app
from tests.providers.whatsapp.people import Person
from tests.providers.whatsapp.sending import late_refusal
from tests.providers.whatsapp.state import (
    APP_SECRET,
    NUMBER_ID,
    TOKEN,
    Call,
    Contact,
    Delivery,
    Fault,
    Json,
    Sent,
    State,
    Template,
)
from tests.providers.whatsapp.webhooks import Webhooks


class WhatsAppServer:
    """`async with WhatsAppServer() as whatsapp:`; give `api_base`, `token` and `app_secret` to the adapter.

    Set `state.webhook.url`, or let `webhooks.handshake` do it. `statuses` is what is told of every message that
    arrives, and `early` tells it before the call is answered; refusals that come late are told in any case.
    """

    def __init__(self, token: str = TOKEN, app_secret: str = APP_SECRET, *, port: int = 0) -> None:
        self.token = token
        self.app_secret = app_secret
        self.state = State(token, app_secret)
        self.webhooks = Webhooks(self.state)
        self.statuses: tuple[str, ...] = ()
        self.early = False
        self._port = port
        self._news: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "WhatsAppServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._socket = listen(self._port)
        self.state.base_url = self.api_base
        app = make_app(self.state, self._accepted)
        config = uvicorn.Config(
            app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_keep_alive=60
        )
        config.timeout_graceful_shutdown = 1
        self._server = Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self.webhooks.start()
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Hanging answers end too."""
        self.state.closing.set()
        await asyncio.gather(*self._news)
        self._server.should_exit = True
        await self._task
        await self.webhooks.stop()
        self._socket.close()

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    # The world

    def person(
        self,
        wa_id: str | None = "359888123456",
        user_id: str = "BG.13491208655302741918",
        name: str = "Мария",
        *,
        number_id: str = NUMBER_ID,
        window: bool = True,
    ) -> Person:
        """Somebody with WhatsApp, who wrote a moment ago unless `window` is False."""
        known = next((self.state.contacts[one] for one in (wa_id, user_id) if one in self.state.contacts), None)
        contact = known or Contact(wa_id, user_id, name)
        self.state.contacts |= dict.fromkeys(contact.ids, contact)
        if window:
            contact.wrote_at[number_id] = self.state.time()
        return Person(self, contact, number_id)

    def add_template(self, name: str, language: str, body: str, **about: str) -> Template:
        self.state.templates.append(Template(name, language, body, **about))
        return self.state.templates[-1]

    def goes_wrong(self, **fault: Any) -> Fault:
        """The next matching call fails as `Fault` says."""
        self.state.faults.append(Fault(**fault))
        return self.state.faults[-1]

    def calls(self, path: str = "") -> list[Call]:
        return [call for call in self.state.calls if call.path.endswith(path)]

    # News about what was sent

    async def _accepted(self, sent: Sent) -> None:
        """The message is on its way; what is refused late fails with a status only."""
        person = self.state.contacts.get(sent.to)
        refusal = late_refusal(self.state, sent, person)
        if refusal is None:
            self.state.sent.append(sent)
            await self.state.notify()
        if self.early:
            await self._tell(sent, refusal)
        else:
            task = asyncio.create_task(self._tell(sent, refusal))
            self._news.add(task)
            task.add_done_callback(self._news.discard)

    async def _tell(self, sent: Sent, refusal: tuple[int, str] | None) -> None:
        if refusal:
            await self.reports(sent, "failed", code=refusal[0], title=refusal[1])
            return
        for status in self.statuses:
            await self.reports(sent, status)

    async def settled(self) -> None:
        """All news so far are delivered."""
        while self._news:
            await asyncio.gather(*self._news)

    async def reports(self, sent: Sent, status: str, *, code: int | None = None, title: str = "") -> Delivery:
        """One status webhook; twice and in any order, if a test likes."""
        whom = {"recipient_id": sent.to} if sent.to.isdecimal() else {"recipient_user_id": sent.to}
        about: Json = {"id": sent.id, "status": status, "timestamp": str(int(self.state.time())), **whom}
        if reference := sent.raw.get("biz_opaque_callback_data"):
            about["biz_opaque_callback_data"] = reference
        if status in ("sent", "delivered", "read"):
            pricing = {
                "billable": False,
                "pricing_model": "PMP",
                "category": "service",
                "type": "free_customer_service",
            }
            about |= {"conversation": {"id": "c1", "origin": {"type": "service"}}, "pricing": pricing}
        if code is not None:
            error = {"code": code, "title": title, "message": title, "error_data": {"details": title}}
            about["errors"] = [{**error, "href": "https://example.org/errors/"}]
        return await self.webhooks.emit(sent.number_id, {"statuses": [about]})
