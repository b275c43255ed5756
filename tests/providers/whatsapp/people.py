"""People: what they do becomes complete webhooks, as Meta would send them."""

import asyncio
import base64
import hashlib
from typing import TYPE_CHECKING, Any

from tests.providers.whatsapp.state import Contact, Delivery, Json, Sent

if TYPE_CHECKING:
    from tests.providers.whatsapp.server import WhatsAppServer


class Person:
    """Writes to `number_id`; without a `wa_id` only the business-scoped id is told."""

    def __init__(self, server: "WhatsAppServer", contact: Contact, number_id: str) -> None:
        self.server = server
        self.contact = contact
        self.number_id = number_id
        self._heard = 0

    @property
    def address(self) -> str:
        """As the adapter calls this person."""
        return f"+{self.contact.wa_id}" if self.contact.wa_id else self.contact.user_id

    @property
    def sent(self) -> list[Sent]:
        """What came from the hub, in order."""
        return [one for one in self.server.state.sent if one.to in self.contact.ids and one.number_id == self.number_id]

    async def sends(self, kind: str, content: Any = None, **around: Any) -> Delivery:
        """A message with any content; opens the 24-hour window."""
        self.contact.wrote_at[self.number_id] = self.server.state.time()
        message: Json = {
            **self._from(),
            "id": self.server.state.next_id(),
            "timestamp": str(int(self.server.state.time())),
        }
        message |= {"type": kind, **({} if content is None else {kind: content}), **around}
        return await self.server.webhooks.emit(self.number_id, {"contacts": [self._card()], "messages": [message]})

    def _from(self) -> Json:
        known = {"from": self.contact.wa_id} if self.contact.wa_id else {}
        return {**known, "from_user_id": self.contact.user_id}

    def _card(self) -> Json:
        known = {"wa_id": self.contact.wa_id} if self.contact.wa_id else {}
        return {"profile": {"name": self.contact.name}, **known, "user_id": self.contact.user_id}

    # Words

    async def writes(self, text: str, **around: Any) -> Delivery:
        return await self.sends("text", {"body": text}, **around)

    async def replies(self, to: Sent | Delivery, text: str) -> Delivery:
        return await self.writes(text, context={"from": "4934435550100", "id": _id_of(to)})

    async def forwards(self, text: str) -> Delivery:
        return await self.writes(text, context={"forwarded": True})

    async def edits(self, written: Delivery, text: str) -> Delivery:
        fresh = {"type": "text", "text": {"body": text}}
        return await self.sends("edit", {"original_message_id": written.message["id"], "message": fresh})

    async def deletes(self, written: Delivery) -> Delivery:
        return await self.sends("revoke", {"original_message_id": written.message["id"]})

    async def reacts(self, to: Sent | Delivery, emoji: str) -> Delivery:
        """`emoji` '' takes the reaction back."""
        return await self.sends("reaction", {"message_id": _id_of(to), **({"emoji": emoji} if emoji else {})})

    # Files and things

    async def sends_photo(self, content: bytes, caption: str = "") -> Delivery:
        about = {"caption": caption} if caption else {}
        return await self.sends("image", {**self._file(content, "image/jpeg"), **about})

    async def sends_voice(self, content: bytes) -> Delivery:
        return await self.sends("audio", {**self._file(content, "audio/ogg; codecs=opus"), "voice": True})

    async def sends_document(self, content: bytes, name: str, mime: str) -> Delivery:
        return await self.sends("document", {**self._file(content, mime), "filename": name})

    async def sends_location(self, latitude: float, longitude: float, **about: str) -> Delivery:
        return await self.sends("location", {"latitude": latitude, "longitude": longitude, **about})

    async def sends_contacts(self, *cards: tuple[str, str]) -> Delivery:
        contacts = [
            {"name": {"formatted_name": name, "first_name": name}, "phones": [{"phone": phone, "type": "CELL"}]}
            for name, phone in cards
        ]
        return await self.sends("contacts", contacts)

    def _file(self, content: bytes, mime: str) -> Json:
        media_id = self.server.state.add_file(content, mime, number_id=self.number_id)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        return {"mime_type": mime, "sha256": digest, "id": media_id}

    # Choices

    async def presses(self, message: Sent, button: str | int) -> Delivery:
        """The button or row with this label or id, or at this place; of a template, its quick reply."""
        context = {"from": "4934435550100", "id": message.id}
        if message.kind == "template":
            return await self.sends("button", {"payload": str(button), "text": str(button)}, context=context)
        pairs = message.buttons
        label, choice = pairs[button] if isinstance(button, int) else next(pair for pair in pairs if button in pair)
        kind = "list_reply" if message.opener else "button_reply"
        return await self.sends("interactive", {"type": kind, kind: {"id": choice, "title": label}}, context=context)

    async def stops(self, *, resume: bool = False) -> Delivery:
        """The switch for marketing messages, in the chat's settings."""
        self.contact.state = "open" if resume else "stopped"
        words = {"detail": "User preference", "category": "marketing_messages", "value": "resume" if resume else "stop"}
        known = {"wa_id": self.contact.wa_id} if self.contact.wa_id else {}
        preference = {**known, "user_id": self.contact.user_id, **words, "timestamp": int(self.server.state.time())}
        value = {"contacts": [self._card()], "user_preferences": [preference]}
        return await self.server.webhooks.emit(self.number_id, value, field="user_preferences")

    async def changes_number(self, new: str) -> Delivery:
        """WhatsApp moves with the person; this message comes without `contacts`."""
        old, self.contact.wa_id = self.contact.wa_id, new
        self.server.state.contacts[new] = self.contact
        system = {"type": "user_changed_number", "wa_id": new, "body": f"User A changed from {old} to {new}"}
        message = {"from": old, "id": self.server.state.next_id(), "timestamp": str(int(self.server.state.time()))}
        value = {"messages": [{**message, "type": "system", "system": system}]}
        return await self.server.webhooks.emit(self.number_id, value)

    # Listening

    async def hears(self, count: int = 1, seconds: float = 5.0) -> list[Sent]:
        """The next messages of the hub that this person has not heard yet; TimeoutError if they don't come."""
        changed = self.server.state.changed
        async with asyncio.timeout(seconds), changed:
            await changed.wait_for(lambda: len(self.sent) >= self._heard + count)
        new = self.sent[self._heard : self._heard + count]
        self._heard += count
        return new


def _id_of(message: Sent | Delivery) -> str:
    return message.id if isinstance(message, Sent) else str(message.message["id"])
