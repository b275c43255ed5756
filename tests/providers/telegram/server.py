"""Running the double, and its delivery of updates."""

import asyncio
import time
from typing import Any

import httpx
import uvicorn

from tests.providers.serving import Uvicorn, listen
from tests.providers.telegram.app import make_app
from tests.providers.telegram.people import Group, Person
from tests.providers.telegram.state import Call, Chat, Delivery, Fault, Json, Sent, State

TOKEN = "123456789:AAF-double_of_telegram_for_tests-00"


class TelegramServer:
    """`async with TelegramServer() as telegram:`; give `telegram.api_base` and `telegram.token` to the adapter.

    `retries` is how often an update is delivered anew when the webhook refuses it, and `pace` the first pause.
    """

    def __init__(self, token: str = TOKEN, *, username: str = "streetwork_test_bot", port: int = 0) -> None:
        self.token = token
        self.state = State(token, username)
        self.retries = 0
        self.pace = 0.05
        self.deliveries: list[Delivery] = []
        self._port = port
        self._queues: dict[object, asyncio.Lock] = {}

    async def __aenter__(self) -> "TelegramServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._socket = listen(self._port)
        config = uvicorn.Config(
            make_app(self.state), lifespan="off", ws="none", log_config=None, access_log=False, timeout_keep_alive=60
        )
        config.timeout_graceful_shutdown = 1
        self._server = Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        self._client = httpx.AsyncClient(timeout=30, trust_env=False, headers={"accept-encoding": "gzip, deflate"})
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Hanging answers end too."""
        self.state.closing.set()
        await self.state.notify()
        self._server.should_exit = True
        await self._task
        await self._client.aclose()
        self._socket.close()

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    # The world

    def person(self, id: int = 5_000_000_001, first_name: str = "Мария", language_code: str | None = "bg") -> Person:
        """Somebody who has opened the bot already; tests change `person.chat.state` for anything else."""
        return Person(self, self._chat(Chat(id, title=first_name)), first_name, language_code)

    def group(self, id: int = -1_001_234_567_890, title: str = "Хора") -> Group:
        return Group(self, self._chat(Chat(id, "supergroup" if id < -(10**12) else "group", title)))

    def _chat(self, chat: Chat) -> Chat:
        return self.state.chats.setdefault(chat.id, chat)

    def add_file(self, content: bytes, suffix: str = "bin", **about: Any) -> str:
        """A file id; `about` are StoredFile's fields."""
        return self.state.add_file(content, suffix, **about)

    def goes_wrong(self, **fault: Any) -> Fault:
        """The next matching call fails as `Fault` says."""
        self.state.faults.append(Fault(**fault))
        return self.state.faults[-1]

    # What the bot did

    def calls(self, method: str | None = None) -> list[Call]:
        return [call for call in self.state.calls if method is None or call.method.lower() == method.lower()]

    def sent_to(self, chat_id: int) -> list[Sent]:
        return self.state.chats[chat_id].sent

    async def wait_for(self, chat_id: int, count: int, seconds: float = 5.0) -> list[Sent]:
        """The bot's messages in the chat, as soon as there are `count`; TimeoutError if they don't come."""
        async with asyncio.timeout(seconds), self.state.changed:
            await self.state.changed.wait_for(lambda: len(self.sent_to(chat_id)) >= count)
        return self.sent_to(chat_id)

    # Updates

    async def emit(self, kind: str, content: Json) -> Delivery:
        """Something happened: to the webhook if one is set, else kept for getUpdates; unless the bot did not ask."""
        update = {"update_id": self.state.next_update_id(), kind: content}
        if kind not in self.state.webhook.allowed:
            return Delivery(update)
        if self.state.webhook.url:
            return await self.deliver_until_accepted(update, attempts=1 + self.retries)
        self.state.pending.append(update)
        await self.state.notify()
        return Delivery(update)

    async def deliver(self, update: Json, *, secret: str | None = None) -> Delivery:
        """One POST to the webhook; `secret` forges another one ('' leaves the header out)."""
        delivery = Delivery(update)
        self.deliveries.append(delivery)
        await self._post(delivery, secret)
        return delivery

    async def deliver_until_accepted(self, update: Json, *, attempts: int = 8) -> Delivery:
        """Telegram's rule: at once again, then after doubling pauses; what follows in the same chat waits."""
        delivery = Delivery(update)
        self.deliveries.append(delivery)
        async with self._queues.setdefault(_queue_of(update), asyncio.Lock()):
            for attempt in range(attempts):
                if attempt > 1:
                    await asyncio.sleep(self.pace * 2 ** (attempt - 2))
                await self._post(delivery, None)
                if delivery.accepted:
                    break
        return delivery

    async def deliver_pending(self) -> list[Delivery]:
        """What gathered before a webhook was set, in order."""
        waiting, self.state.pending[:] = list(self.state.pending), []
        return [await self.deliver_until_accepted(update) for update in waiting]

    async def _post(self, delivery: Delivery, secret: str | None) -> None:
        hook = self.state.webhook
        key = hook.secret if secret is None else secret
        headers = {b"x-telegram-bot-api-secret-token": key.encode()} if key else {}
        try:
            response = await self._client.post(hook.url, json=delivery.update, headers=headers)
        except httpx.HTTPError as error:
            delivery.attempts.append(0)
            hook.last_error = f"Connection failed: {type(error).__name__}"
        else:
            delivery.attempts.append(response.status_code)
            if delivery.accepted:
                return
            hook.last_error = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
        hook.last_error_at = int(time.time())


def _queue_of(update: Json) -> object:
    """Messages and edits wait for each other by chat, presses by person."""
    for kind in ("message", "edited_message", "message_reaction", "my_chat_member"):
        if kind in update:
            return ("chat", update[kind]["chat"]["id"])
    if "callback_query" in update:
        return ("user", update["callback_query"]["from"]["id"])
    return "other"
