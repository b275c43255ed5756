"""What people attach to a WhatsApp message: files, contact cards, filled forms, orders, where they came from."""

from typing import Any

from channels.base import ContactCard, MediaRef
from channels.telegram_fields import Fields, cleaned, read_json
from channels.whatsapp_fields import identifier

_LONGEST_FORM = 4000
_LONGEST_NOTE = 300
_USUAL_MIME = {"image": "image/jpeg", "audio": "audio/ogg", "voice": "audio/ogg", "sticker": "image/webp"}


def media_of(content: Fields, kind: str) -> MediaRef | None:
    """By id: the `url` beside it is good for minutes only."""
    ref = identifier(content, "id")
    if ref is None:
        return None
    mime = content.text("mime_type") or _USUAL_MIME.get(kind)
    return MediaRef(ref, mime=mime, name=content.text("filename"), size=content.whole("file_size"))


def contact_card(contact: Fields) -> ContactCard | None:
    names = contact.child("name")
    parts = [names.text("first_name"), names.text("last_name")]
    name = names.text("formatted_name") or " ".join(part for part in parts if part)
    phones = [phone.text("phone") or phone.text("wa_id") for phone in contact.children("phones")]
    given = tuple(phone for phone in phones if phone)
    return ContactCard(name, given) if name or given else None


def form(reply: Fields) -> dict[str, Any]:
    """A form that was filled in inside WhatsApp: JSON in a string."""
    raw = (reply.text("response_json") or "")[:_LONGEST_FORM]
    try:
        answers = cleaned(read_json(raw.encode()))
    except (ValueError, RecursionError):
        answers = raw
    return {"type": "nfm_reply", "form": answers}


def order(bought: Fields) -> dict[str, Any]:
    items = [
        {"product": item.text("product_retailer_id"), "quantity": item.whole("quantity")}
        for item in bought.children("product_items")[:20]
    ]
    return {"type": "order", "items": items}


def referral(source: Fields) -> dict[str, str]:
    """The advertisement or post that led here; the click's own id would follow the person, and is left out."""
    names = ("source_type", "source_id", "source_url", "headline", "body")
    return {name: value[:_LONGEST_NOTE] for name in names if (value := source.text(name))}
