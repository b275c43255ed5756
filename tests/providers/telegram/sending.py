"""The Bot API's send methods, with Telegram's checks and its words for what is wrong."""

import json
from typing import Any

from tests.providers.telegram.state import ApiError, Chat, Json, Sent, State

MAX_TEXT, MAX_CAPTION, MAX_BUTTON_DATA = 4096, 1024, 64
MAX_PHOTO, MAX_UPLOAD = 10_000_000, 50_000_000
UPLOADS = {
    "sendphoto": "photo",
    "senddocument": "document",
    "sendvoice": "voice",
    "sendaudio": "audio",
    "sendvideo": "video",
}

Upload = tuple[str, bytes]  # name, content


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def without_reply(message: Json) -> Json:
    """Telegram quotes one level deep."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def chat_for_sending(state: State, parameters: Json) -> Chat:
    try:
        chat = state.chats.get(int(parameters.get("chat_id", "")))
    except ValueError:
        chat = None
    if chat is None:
        raise ApiError(400, "Bad Request: chat not found")
    if chat.migrated_to is not None:
        moved = {"migrate_to_chat_id": chat.migrated_to}
        raise ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
    refusals = {
        "blocked": "Forbidden: bot was blocked by the user",
        "deactivated": "Forbidden: user is deactivated",
        "kicked": "Forbidden: bot was kicked from the group chat",
        "never_started": "Forbidden: bot can't initiate conversation with a user",
    }
    if chat.state in refusals:
        raise ApiError(403, refusals[chat.state])
    return chat


def send_message(state: State, parameters: Json) -> Json:
    chat = chat_for_sending(state, parameters)
    text = str(parameters.get("text", "")).strip()
    if not text:
        raise ApiError(400, "Bad Request: message text is empty")
    if utf16(text) > MAX_TEXT:
        raise ApiError(400, "Bad Request: message is too long")
    return _deliver(state, chat, Sent(chat.id, 0, "sendMessage", text), {"text": text}, parameters)


def send_upload(state: State, method: str, parameters: Json) -> Json:
    chat = chat_for_sending(state, parameters)
    kind = UPLOADS[method]
    name, content = _upload(state, parameters.get(kind), kind)
    caption = str(parameters.get("caption", "")).strip()
    if utf16(caption) > MAX_CAPTION:
        raise ApiError(400, "Bad Request: message caption is too long")
    file_id = state.add_file(content, name.rpartition(".")[2] or "bin")
    file: Json = {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": len(content)}
    shape = {"photo": {"width": 90, "height": 90}, "video": {"width": 90, "height": 90, "duration": 1}}
    file |= shape.get(kind, {"file_name": name} if kind == "document" else {"duration": 1})
    content_fields: Json = {kind: [file] if kind == "photo" else file}
    if caption:
        content_fields["caption"] = caption
    sent = Sent(chat.id, 0, f"send{kind.capitalize()}", caption, file=content, file_name=name)
    return _deliver(state, chat, sent, content_fields, parameters)


def _upload(state: State, given: Any, kind: str) -> Upload:
    """Bytes of a multipart upload, or the id of a file that Telegram has."""
    if isinstance(given, tuple):
        name, content = given
        if not content:
            raise ApiError(400, "Bad Request: file must be non-empty")
        if kind == "photo" and len(content) > MAX_PHOTO:
            raise ApiError(400, "Bad Request: file is too big for a photo")
        if len(content) > MAX_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
        return name, content
    if given in state.files:
        return state.files[given].path.rpartition("/")[2], state.files[given].content
    raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")


def _deliver(state: State, chat: Chat, sent: Sent, content: Json, parameters: Json) -> Json:
    markup = _markup(parameters)
    sent.reply_to = _reply(chat, parameters)
    bot = {"id": state.bot_id, "is_bot": True, "first_name": "Streetwork", "username": state.username}
    if markup:
        content["reply_markup"] = markup
    if sent.reply_to is not None:
        content["reply_to_message"] = without_reply(chat.messages[sent.reply_to])
    message = state.add_message(chat, {"from": bot, **content})
    sent.message_id = message["message_id"]
    rows = markup.get("inline_keyboard", [])
    sent.buttons = tuple((button["text"], button.get("callback_data", "")) for row in rows for button in row)
    chat.sent.append(sent)
    return message


def _markup(parameters: Json) -> Json:
    raw = parameters.get("reply_markup")
    if raw is None:
        return {}
    try:
        markup: Json = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        raise ApiError(400, "Bad Request: can't parse reply keyboard markup JSON object") from None
    buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
    if len(buttons) > 100:
        raise ApiError(400, "Bad Request: reply markup is too long")
    for button in buttons:
        if not button.get("text", "").strip():
            raise ApiError(400, "Bad Request: can't parse inline keyboard button: text must be non-empty")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= MAX_BUTTON_DATA:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup


def _reply(chat: Chat, parameters: Json) -> int | None:
    raw = parameters.get("reply_parameters")
    if raw is None:
        return None
    reply: Json = json.loads(raw) if isinstance(raw, str) else raw
    message_id = int(reply["message_id"])
    if message_id in chat.messages:
        return message_id
    if reply.get("allow_sending_without_reply"):
        return None
    raise ApiError(400, "Bad Request: message to be replied not found")
