"""The Bot API's methods but for sending, and the table of all of them."""

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from tests.providers.telegram.sending import UPLOADS, chat_for_sending, send_message, send_upload
from tests.providers.telegram.state import DEFAULT_UPDATES, ApiError, Json, State, Webhook

MAX_DOWNLOAD = 20_000_000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS = (443, 80, 88, 8443)


async def call_method(state: State, method: str, parameters: Json) -> object:
    """The `result` of a method; raises ApiError."""
    name = method.lower()
    if name == "sendmessage":
        return send_message(state, parameters)
    if name in UPLOADS:
        return send_upload(state, name, parameters)
    handler = _METHODS.get(name)
    if handler is None:
        raise ApiError(404, "Not Found: method not found")
    return await handler(state, parameters)


async def _get_me(state: State, parameters: Json) -> Json:
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return {"id": state.bot_id, "is_bot": True, "first_name": "Streetwork", "username": state.username, **abilities}


async def _send_chat_action(state: State, parameters: Json) -> bool:
    chat_for_sending(state, parameters)
    return True


async def _answer_callback_query(state: State, parameters: Json) -> bool:
    answers = state.queries.get(str(parameters.get("callback_query_id")))
    if answers is None:
        words = "query is too old and response timeout expired or query ID is invalid"
        raise ApiError(400, f"Bad Request: {words}")
    answers.append(str(parameters.get("text", "")))
    return True


async def _get_file(state: State, parameters: Json) -> Json:
    file_id = str(parameters.get("file_id", ""))
    file = state.files.get(file_id)
    if file is None:
        raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(file.content) if file.announced is None else file.announced
    if size > MAX_DOWNLOAD:
        raise ApiError(400, "Bad Request: file is too big")
    return {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": size, "file_path": file.path}


async def _set_webhook(state: State, parameters: Json) -> bool:
    url, secret = str(parameters.get("url", "")), str(parameters.get("secret_token", ""))
    if not url:
        state.webhook = Webhook()
        return True
    _check_webhook_url(url)
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")
    if parameters.get("drop_pending_updates") in ("true", "True", True):
        state.pending.clear()
    state.webhook = Webhook(url, secret, _allowed(state, parameters))
    return True


def _check_webhook_url(url: str) -> None:
    """As Telegram does, but for loopback, which only a test can mean."""
    parts = urlsplit(url)
    if parts.hostname in _LOOPBACK:
        return
    if parts.scheme != "https":
        raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS:
        raise ApiError(400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _allowed(state: State, parameters: Json) -> frozenset[str]:
    """Without the parameter the earlier choice stays; an empty list means Telegram's default."""
    raw = parameters.get("allowed_updates")
    if raw is None:
        return state.webhook.allowed
    names = json.loads(raw) if isinstance(raw, str) else raw
    return frozenset(names) or DEFAULT_UPDATES


async def _delete_webhook(state: State, parameters: Json) -> bool:
    if parameters.get("drop_pending_updates") in ("true", "True", True):
        state.pending.clear()
    state.webhook = Webhook(allowed=state.webhook.allowed)
    return True


async def _get_webhook_info(state: State, parameters: Json) -> Json:
    hook = state.webhook
    info: Json = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(state.pending)}
    if hook.last_error:
        info |= {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
    if hook.allowed != DEFAULT_UPDATES:
        info["allowed_updates"] = sorted(hook.allowed)
    return info


async def _get_updates(state: State, parameters: Json) -> list[Json]:
    if state.webhook.url:
        words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        raise ApiError(409, f"Conflict: {words}")
    state.webhook.allowed = _allowed(state, parameters)
    offset = int(parameters.get("offset", 0))
    limit = min(max(int(parameters.get("limit", 100)), 1), 100)
    if offset < 0:
        del state.pending[:offset]
    else:
        state.pending[:] = [update for update in state.pending if update["update_id"] >= offset]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(float(parameters.get("timeout", 0)) or 0.001), state.changed:
            await state.changed.wait_for(lambda: bool(state.pending) or state.closing.is_set())
    return state.pending[:limit]


async def _ignored(state: State, parameters: Json) -> bool:
    return True


_METHODS: dict[str, Callable[[State, Json], Awaitable[object]]] = {
    "getme": _get_me,
    "sendchataction": _send_chat_action,
    "answercallbackquery": _answer_callback_query,
    "getfile": _get_file,
    "setwebhook": _set_webhook,
    "deletewebhook": _delete_webhook,
    "getwebhookinfo": _get_webhook_info,
    "getupdates": _get_updates,
    "setmycommands": _ignored,
    "setmydescription": _ignored,
}
