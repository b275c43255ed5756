"""What `make run` sets up for trying the hub: staff with random passwords, shown once, and a web chat channel."""

import secrets

import sqlalchemy as sa

from app import auth
from app.channels_admin import add_channel
from app.hub import Hub
from app.models import Channel, User

STAFF = (
    ("maria@demo.example", "Maria", "streetworker"),
    ("jonas@demo.example", "Jonas", "streetworker"),
    ("koordination@demo.example", "Kim", "coordinator"),
    ("admin@demo.example", "Alex", "admin"),
)
PHONES = {
    "webchat": {},
    "webchat-whatsapp": {"look": "whatsapp"},
    "webchat-sms": {"look": "sms", "cents_per_segment": "9"},
}
"""The simulator's phones: one web chat per app that it pretends to be."""


async def prepare_demo(hub: Hub) -> None:
    """Idempotent: staff and channel are made at the first start only."""
    made: list[tuple[str, str, str]] = []
    async with hub.db.transaction() as session:
        known = set(await session.scalars(sa.select(Channel.name).where(Channel.kind == "webchat", Channel.active)))
        for name, options in PHONES.items():
            if name not in known:
                await add_channel(session, hub.vault, "webchat", name, options=options)
        if await session.scalar(sa.select(sa.func.count()).select_from(User)) == 0:
            for email, name, role in STAFF:
                password = secrets.token_urlsafe(9)
                await auth.create_user(session, email, role, password, name=name)
                made.append((email, role, password))
    await hub.registry.load()
    if made:
        print("\nDemo staff (these passwords are shown only now):")
        for email, role, password in made:
            print(f"  {email:28} {password:14} {role}")
        print("A forgotten one: .venv/bin/streetwork user reset EMAIL")
