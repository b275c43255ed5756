"""A double of WhatsApp's Cloud API: the Graph API on loopback with Meta's checks, and signed webhooks."""

from tests.providers.whatsapp.people import Person
from tests.providers.whatsapp.server import WhatsAppServer
from tests.providers.whatsapp.state import Call, Delivery, Fault, Number, Sent, StoredFile, Template

__all__ = ["Call", "Delivery", "Fault", "Number", "Person", "Sent", "StoredFile", "Template", "WhatsAppServer"]
