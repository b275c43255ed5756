"""People and groups: what they do becomes complete updates, as Telegram would send them."""

import time
from typing import TYPE_CHECKING, Any

from tests.providers.telegram.sending import without_reply
from tests.providers.telegram.state import Chat, Delivery, Json, Sent

if TYPE_CHECKING:
    from tests.providers.telegram.server import TelegramServer


class Group:
    def __init__(self, server: "TelegramServer", chat: Chat) -> None:
        self.server = server
        self.chat = chat

    async def migrates(self, new_id: int) -> Delivery:
        """The group becomes a supergroup: sends to the old id are refused from now on."""
        old, new = self.chat, self.server.group(new_id, self.chat.title).chat
        old.migrated_to = new.id
        message = self.server.state.add_message(old, {"migrate_to_chat_id": new.id})
        self.chat = new
        return await self.server.emit("message", message)


class Person:
    """Acts in the private chat with the bot, or in a group where `chat` is given."""

    def __init__(self, server: "TelegramServer", chat: Chat, first_name: str, language_code: str | None) -> None:
        self.server = server
        self.chat = chat
        self.first_name = first_name
        self.language_code = language_code
        self._heard = 0

    @property
    def id(self) -> int:
        return self.chat.id

    def describe(self) -> Json:
        person: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return person | _given(language_code=self.language_code)

    async def sends(self, *, chat: Group | None = None, **content: Any) -> Delivery:
        """A message with any content."""
        where = chat.chat if chat else self.chat
        message = self.server.state.add_message(where, {"from": self.describe(), **content})
        return await self.server.emit("message", message)

    async def writes(self, text: str, *, chat: Group | None = None) -> Delivery:
        command = [{"offset": 0, "length": len(text.split()[0]), "type": "bot_command"}] if text[:1] == "/" else None
        return await self.sends(chat=chat, text=text, **_given(entities=command))

    async def starts(self, payload: str = "") -> Delivery:
        return await self.writes(f"/start {payload}".strip())

    async def replies(self, to: Sent | Delivery, text: str) -> Delivery:
        message_id = to.message_id if isinstance(to, Sent) else to.message["message_id"]
        return await self.sends(text=text, reply_to_message=without_reply(self.chat.messages[message_id]))

    async def forwards(self, text: str) -> Delivery:
        origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": int(time.time()) - 60}
        return await self.sends(text=text, forward_origin=origin)

    async def edits(self, written: Delivery, text: str) -> Delivery:
        message = written.message
        changed = message | {"text": text, "edit_date": int(time.time())}
        self.server.state.chats[message["chat"]["id"]].messages[message["message_id"]] = changed
        return await self.server.emit("edited_message", changed)

    # Files and things

    async def sends_photo(self, content: bytes, caption: str = "", *, album: str = "") -> Delivery:
        small = self._file(content[:1000], "jpg", width=90, height=67)
        large = self._file(content, "jpg", width=1280, height=960)
        return await self.sends(photo=[small, large], **_given(caption=caption, media_group_id=album))

    async def sends_voice(self, content: bytes, seconds: int = 3) -> Delivery:
        return await self.sends(voice=self._file(content, "oga", mime_type="audio/ogg", duration=seconds))

    async def sends_document(self, content: bytes, name: str, mime: str, caption: str = "") -> Delivery:
        document = self._file(content, name.rpartition(".")[2], mime_type=mime, file_name=name)
        return await self.sends(document=document, **_given(caption=caption))

    async def sends_location(self, latitude: float, longitude: float) -> Delivery:
        return await self.sends(location={"latitude": latitude, "longitude": longitude})

    async def sends_contact(self, phone: str, first_name: str) -> Delivery:
        return await self.sends(contact={"phone_number": phone, "first_name": first_name, "user_id": self.id})

    def _file(self, content: bytes, suffix: str, **about: Any) -> Json:
        file_id = self.server.add_file(content, suffix)
        return {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": len(content), **about}

    # Everything but messages

    async def presses(self, message: Sent, button: str | int) -> Delivery:
        """The button with this label or data, or at this place."""
        pairs = message.buttons
        found = pairs[button] if isinstance(button, int) else next(pair for pair in pairs if button in pair)
        query_id = f"{self.id}{message.message_id:06d}{len(self.server.state.queries):06d}"
        self.server.state.queries[query_id] = []
        shown = self.server.state.chats[message.chat_id].messages[message.message_id]
        query = {"id": query_id, "from": self.describe(), "message": shown, "chat_instance": "42", "data": found[1]}
        return await self.server.emit("callback_query", query)

    async def reacts(self, message: Sent | Delivery, emoji: str, *, before: str = "") -> Delivery:
        """`emoji` '' takes the reaction back."""
        message_id = message.message_id if isinstance(message, Sent) else message.message["message_id"]
        reaction = {
            "chat": self.chat.describe(),
            "message_id": message_id,
            "user": self.describe(),
            "date": int(time.time()),
            "old_reaction": [{"type": "emoji", "emoji": before}] if before else [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        }
        return await self.server.emit("message_reaction", reaction)

    async def blocks_bot(self) -> Delivery:
        self.chat.state = "blocked"
        return await self._membership("member", "kicked")

    async def unblocks_bot(self) -> Delivery:
        self.chat.state = "open"
        return await self._membership("kicked", "member")

    async def _membership(self, old: str, new: str) -> Delivery:
        bot = {"id": self.server.state.bot_id, "is_bot": True, "first_name": "Streetwork"}
        until = {"kicked": {"until_date": 0}}
        change = {
            "chat": self.chat.describe(),
            "from": self.describe(),
            "date": int(time.time()),
            "old_chat_member": {"user": bot, "status": old, **until.get(old, {})},
            "new_chat_member": {"user": bot, "status": new, **until.get(new, {})},
        }
        return await self.server.emit("my_chat_member", change)

    # Listening

    async def hears(self, count: int = 1, seconds: float = 5.0) -> list[Sent]:
        """The next messages of the bot that this person has not heard yet."""
        sent = await self.server.wait_for(self.id, self._heard + count, seconds)
        new = sent[self._heard : self._heard + count]
        self._heard += count
        return new


def _given(**fields: Any) -> Json:
    """Telegram leaves empty fields out."""
    return {name: value for name, value in fields.items() if value}
