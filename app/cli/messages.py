"""`streetwork messages …`: what was stored, for checks and for leaving."""

import json
import sys
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import typer
from sqlalchemy.orm import selectinload

from app.cli.runtime import with_hub
from app.hub import Hub
from app.models import Address, Channel, Conversation, Message

cli = typer.Typer(no_args_is_help=True, help=__doc__)

BATCH = 500


@cli.callback()
def group() -> None:
    """Keeps `export` a subcommand although it is the only one."""


@cli.command()
def export(since: Annotated[str | None, typer.Option(help="stored at or after this ISO time")] = None) -> None:
    """All stored messages as JSON lines, oldest first. They hold personal data: keep them safe."""
    start = datetime.fromisoformat(since).astimezone() if since else None

    async def work(hub: Hub) -> None:
        last = 0
        while True:
            async with hub.db.transaction() as session:
                query = (
                    sa.select(Message, Channel.name, Address.value)
                    .join(Channel, Message.channel_id == Channel.id)
                    .join(Conversation, Message.conversation_id == Conversation.id)
                    .join(Address, Conversation.address_id == Address.id)
                    .where(Message.id > last)
                    .order_by(Message.id)
                    .limit(BATCH)
                    .options(selectinload(Message.media))
                )
                if start is not None:
                    query = query.where(Message.created_at >= start)
                rows = (await session.execute(query)).all()
            for message, channel, address in rows:
                sys.stdout.write(json.dumps(_line(message, channel, hub.vault.decrypt(address)), ensure_ascii=False))
                sys.stdout.write("\n")
            if len(rows) < BATCH:
                return
            last = rows[-1][0].id

    with_hub(work)


def _line(message: Message, channel: str, address: str) -> dict[str, Any]:
    payload = message.payload
    return {
        "channel": channel,
        "external_id": message.external_id,
        "direction": message.direction,
        "author": message.author,
        "address": address,
        "sender": message.sender or (address if message.direction == "in" else None),
        "kind": message.kind,
        "text": message.text,
        "media": [
            {"ref": m.ref, "mime": m.mime, "name": m.name, "size": m.size, "status": m.status, "sha256": m.sha256}
            for m in message.media
        ],
        "location": payload.get("location"),
        "contact": payload.get("contact"),
        "buttons": payload.get("buttons") or ([payload["button"]] if "button" in payload else []),
        "start_payload": payload.get("start_payload"),
        "album": payload.get("album"),
        "edits": message.edits,
        "status": message.status,
        "reply_to": message.reply_to,
        "seq": message.seq,
        "conversation": message.conversation_id,
        "provider_time": message.provider_time.isoformat() if message.provider_time else None,
        "stored_at": message.created_at.isoformat(),
    }
