"""Neutral messages -> what WhatsApp can show: texts, buttons, lists, files with captions, templates."""

from dataclasses import replace
from typing import Any

from channels.base import Button, MediaFile, Outbound, Template
from channels.text import clean_text, numbered, split_text
from channels.text import utf16_length as length  # Meta doesn't say how it counts, and no way of counting finds more.
from channels.whatsapp_fields import is_scoped
from channels.whatsapp_media import is_voice, way_of

TEXT, CAPTION, BODY = 4096, 1024, 1024
_BUTTONS, _BUTTON_TITLE, _BUTTON_ID = 3, 20, 256
ROWS, _ROW_TITLE, _ROW_DESCRIPTION, _ROW_ID, _LIST_LABEL = 10, 24, 72, 200, 20
_WITH_CAPTION = ("image", "video", "document")


# Parts


def parts_of(message: Outbound) -> tuple[Outbound, ...]:
    """Buttons stay on the last part; what neither buttons nor a list can show becomes numbers in the text."""
    if message.template is not None:
        return (message,)
    for button in message.buttons:
        if not button.id.strip() or not button.label.strip():
            raise ValueError("a button needs an id and a label")
    text, buttons = clean_text(message.text).strip(), message.buttons
    if buttons and not text and message.media is None:
        raise ValueError("buttons need a text")
    if buttons and (not text or not _showable(buttons)):
        options = clean_text(numbered(buttons))
        text, buttons = (f"{text}\n\n{options}" if text else options), ()
    parts = _files_and_texts(message.media, text, buttons)
    if parts:
        parts[0] = replace(parts[0], reply_to=message.reply_to)
        parts[-1] = replace(parts[-1], buttons=buttons, list_label=message.list_label)
    return tuple(parts)


def _files_and_texts(media: MediaFile | None, text: str, buttons: tuple[Button, ...]) -> list[Outbound]:
    if media is None:
        return [Outbound(text=part) for part in _texts(text, BODY if buttons else TEXT)]
    if text and not buttons and way_of(media) in _WITH_CAPTION and length(text) <= CAPTION:
        return [Outbound(text=text, media=media)]
    return [Outbound(media=media), *(Outbound(text=part) for part in _texts(text, BODY if buttons else TEXT))]


def _texts(text: str, last: int) -> list[str]:
    """Cut for plain messages, the last one to what may stand above buttons."""
    parts = split_text(text, TEXT, measure=length)
    if not parts or length(parts[-1]) <= last:
        return parts
    *before, whole = parts
    tail = split_text(whole, last, measure=length)[-1]
    return [*before, whole[: whole.rindex(tail)].rstrip(), tail]


def _showable(buttons: tuple[Button, ...]) -> bool:
    return _as_reply_buttons(buttons) is not None or _as_rows(buttons) is not None


# Payloads


def payload(address: str, message: Outbound, media_id: str | None = None) -> dict[str, Any]:
    """The body of the call; `media_id` is the uploaded file's."""
    base: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    base["recipient" if is_scoped(address) else "to"] = address.removeprefix("+")
    if message.reply_to and ":" not in message.reply_to:  # Ids with a colon are the hub's own inventions.
        base["context"] = {"message_id": message.reply_to}
    if message.reference:
        base["biz_opaque_callback_data"] = message.reference
    kind, content = _content(message, media_id)
    return {**base, "type": kind, kind: content}


def _content(message: Outbound, media_id: str | None) -> tuple[str, dict[str, Any]]:
    text = clean_text(message.text)
    if message.template is not None:
        return "template", _template(message.template)
    if message.media is not None and media_id:
        return _file(message.media, media_id, text)
    if message.buttons:
        return "interactive", _interactive(text, message)
    return "text", {"body": text, "preview_url": False}


def _file(media: MediaFile, media_id: str, caption: str) -> tuple[str, dict[str, Any]]:
    way = way_of(media)
    content: dict[str, Any] = {"id": media_id}
    if is_voice(media):
        content["voice"] = True
    if caption and way in _WITH_CAPTION:
        content["caption"] = caption
    if way == "document" and media.name:
        content["filename"] = clean_text(media.name)[:240]
    return way, content


def _interactive(text: str, message: Outbound) -> dict[str, Any]:
    """Three buttons show best; a list opens with one more touch."""
    body = {"text": text}
    if (replies := _as_reply_buttons(message.buttons)) is not None:
        return {"type": "button", "body": body, "action": {"buttons": replies}}
    rows = _as_rows(message.buttons) or []
    label = _short(message.list_label.strip(), _LIST_LABEL) or "…"
    return {"type": "list", "body": body, "action": {"button": label, "sections": [{"rows": rows}]}}


def _as_reply_buttons(buttons: tuple[Button, ...]) -> list[dict[str, Any]] | None:
    labels = [clean_text(button.label).strip() for button in buttons]
    if len(buttons) > _BUTTONS or any(length(label) > _BUTTON_TITLE for label in labels):
        return None
    if not _distinct(labels, buttons, _BUTTON_ID):
        return None
    pairs = zip(buttons, labels, strict=True)
    return [{"type": "reply", "reply": {"id": button.id, "title": label}} for button, label in pairs]


def _as_rows(buttons: tuple[Button, ...]) -> list[dict[str, Any]] | None:
    """A long label is cut in the title, and stands below it in full."""
    labels = [clean_text(button.label).strip() for button in buttons]
    if len(buttons) > ROWS or any(length(label) > _ROW_DESCRIPTION for label in labels):
        return None
    titles = [_short(label, _ROW_TITLE) for label in labels]
    if not _distinct(titles, buttons, _ROW_ID):
        return None
    rows: list[dict[str, Any]] = []
    for button, title, label in zip(buttons, titles, labels, strict=True):
        rows.append({"id": button.id, "title": title} | ({"description": label} if title != label else {}))
    return rows


def _distinct(titles: list[str], buttons: tuple[Button, ...], longest_id: int) -> bool:
    """Meta refuses equal titles, equal ids, and ids with spaces around them."""
    ids = [button.id for button in buttons]
    fitting = all(length(one) <= longest_id and one == one.strip() for one in ids)
    return fitting and len(set(titles)) == len(titles) and len(set(ids)) == len(ids)


def _short(label: str, limit: int) -> str:
    label = clean_text(label)
    return label if length(label) <= limit else split_text(label, limit - 1, measure=length)[0] + "…"


def _template(template: Template) -> dict[str, Any]:
    """Variables may not hold line breaks, tabs or runs of spaces, nor be empty."""
    content: dict[str, Any] = {
        "name": template.name,
        "language": {"policy": "deterministic", "code": template.language},
    }
    if template.variables:
        values = [" ".join(clean_text(value).split()) or "–" for value in template.variables]
        parameters = [{"type": "text", "text": value} for value in values]
        content["components"] = [{"type": "body", "parameters": parameters}]
    return content
