"""A double of Twilio: speaks its messaging API on loopback, checks what it is told, signs and delivers webhooks."""

from tests.providers.twilio.people import Person
from tests.providers.twilio.server import TwilioServer
from tests.providers.twilio.signing import sign
from tests.providers.twilio.state import Call, Delivery, Fault, File, Number, Record

__all__ = ["Call", "Delivery", "Fault", "File", "Number", "Person", "Record", "TwilioServer", "sign"]
