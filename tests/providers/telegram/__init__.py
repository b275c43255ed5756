"""A double of Telegram: speaks the Bot API on loopback, checks what it is told, and delivers webhooks."""

from tests.providers.telegram.people import Group, Person
from tests.providers.telegram.server import TelegramServer
from tests.providers.telegram.state import Call, Delivery, Fault, Sent, StoredFile

__all__ = ["Call", "Delivery", "Fault", "Group", "Person", "Sent", "StoredFile", "TelegramServer"]
