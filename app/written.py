"""The German behind a translated reply: kept with what waits to be sent, and as a reading of the message once it is queued."""

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Conversation, Message, Reading, User
from flows.canned import open_places

GERMAN = "de"
TRANSLATED = "translated"  # key of a message's payload: {"to", "edited", "machine", "checked"}


@dataclass(frozen=True, slots=True)
class Written:
    """What a colleague wrote, beside the text that the person gets."""

    german: str
    language: str  # of what the person gets
    route: tuple[str, ...] = ()  # languages passed through; empty where no machine was needed
    untouched: int = 0  # sentences that the machine left in German
    machine: str | None = None  # its words, where somebody changed them
    checked: bool = False  # by a mediator

    @property
    def pivot(self) -> str | None:
        return self.route[1] if len(self.route) > 2 else None

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it beside a reply that waits."""
        return asdict(self)


def read_kept(kept: dict[str, Any] | None) -> Written | None:
    return Written(**kept | {"route": tuple(kept["route"])}) if kept else None


def payload_of(written: Written | None) -> dict[str, Any]:
    """For the message: its language, and the machine's own words where they were put right, to learn from."""
    if written is None:
        return {}
    about: dict[str, Any] = {"to": written.language, "edited": written.machine is not None}
    if written.machine is not None:
        about["machine"] = written.machine
    if written.checked:
        about["checked"] = True
    return {TRANSLATED: about}


def names_in(user: User, german: str) -> tuple[str, ...]:
    """Words that stay as they are: the writer's name, and places that stand open."""
    return tuple(dict.fromkeys((user.name, *user.name.split(), *open_places(german))))


async def keep_german(session: AsyncSession, user: User, message: Message, written: Written) -> None:
    session.add(
        Reading(
            message_id=message.id,
            language=GERMAN,
            text=written.german,
            origin="written",
            route=list(written.route),
            untouched=written.untouched,
            user_id=user.id,
        )
    )
    await session.flush()


async def copy_german(session: AsyncSession, message_id: int, copy_id: int) -> None:
    """For the same words sent again."""
    found = await session.scalar(_written().where(Reading.message_id == message_id))
    if found is not None:
        columns = {
            name: getattr(found, name) for name in ("language", "text", "origin", "route", "untouched", "user_id")
        }
        session.add(Reading(message_id=copy_id, **columns))
        await session.flush()


async def german_of(session: AsyncSession, contact_id: int) -> dict[int, Written]:
    """Message -> what its writer wrote, in all conversations of a contact. The caller has authorised."""
    query = sa.select(Reading, Message.payload).join(Message, Reading.message_id == Message.id).join(Conversation)
    rows = await session.execute(
        query.where(
            Conversation.contact_id == contact_id,
            Message.author == "staff",
            Reading.origin == "written",
            Reading.language == GERMAN,
        )
    )
    found = {}
    for reading, payload in rows:
        about = payload.get(TRANSLATED, {})
        found[reading.message_id] = Written(
            reading.text or "",
            about.get("to", ""),
            tuple(reading.route),
            reading.untouched,
            about.get("machine"),
            about.get("checked", False),
        )
    return found


def _written() -> sa.Select[Reading]:
    return sa.select(Reading).where(Reading.origin == "written", Reading.language == GERMAN)
