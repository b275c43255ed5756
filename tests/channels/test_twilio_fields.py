"""Addresses, references to media, and codes."""

import pytest

from channels.base import Inbound, MediaRef, SendErrorKind
from channels.twilio import Twilio
from channels.twilio_codes import CODES
from channels.twilio_fields import TwilioKind, address_of
from tests.channels.test_twilio_parse import ACCOUNT, NUMBER, TOKEN, load, post

K = SendErrorKind


@pytest.mark.parametrize(
    ("raw", "kind", "address"),
    [
        ("whatsapp:+49 151 990-00001", "whatsapp", NUMBER),
        ("WhatsApp:4915199000001", "whatsapp", NUMBER),
        ("whatsapp: 4915199000001", "whatsapp", NUMBER),
        (" 4915199000001", "sms", NUMBER),
        ("4915199000001", "sms", NUMBER),
        ("+4915199000001", "sms", NUMBER),
        ("12345", "sms", "12345"),
        ("015199000001", "sms", "015199000001"),
        ("whatsapp:+4915199000001", "sms", "whatsapp:+4915199000001"),
        ("whatsapp:US.13491208655302741918", "whatsapp", "US.13491208655302741918"),
        ("Stadt", "sms", "Stadt"),
        ("", "sms", ""),
    ],
)
def test_addresses(raw: str, kind: TwilioKind, address: str) -> None:
    assert address_of(raw, kind) == address


@pytest.mark.parametrize(
    ("url", "ref"),
    [
        ("/2010-04-01/x", "/2010-04-01/x"),
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/x?a=1", "/2010-04-01/Accounts/AC1/x"),
        ("http://mock.example:8080/2010-04-01/y", "/2010-04-01/y"),
        ("https://mcs.us1.twilio.com/v1/Media/ME1", "https://mcs.us1.twilio.com/v1/Media/ME1"),
        ("https://user:secret@evil.example/x?token=secret#y", "https://evil.example/x"),
    ],
)
def test_references_to_media_carry_no_secret(url: str, ref: str) -> None:
    form = load("whatsapp_image") | {"MediaUrl0": url}
    channel = Twilio("whatsapp", ACCOUNT, TOKEN, NUMBER, api_base="http://mock.example:8080")
    (item,) = channel.parse(post(form)).items
    assert isinstance(item, Inbound)
    assert item.media == (MediaRef(ref, "image/jpeg"),)


def test_the_closed_list_has_every_code_that_the_study_names() -> None:
    named = """
        30001 30002 30003 30004 30005 30006 30007 30008 30009 30022 30023 30032 21211 21408 21606 21608 21610 21611
        21612 21614 21617 21620 21623 20003 20429 14107 63017 63016 63018 63024 63014 63032 63049 63003 63007 63013
        63015 63019 63041 11751 11200 12300 12100
    """
    assert {int(code) for code in named.split()} <= set(CODES)
    assert CODES[21610] is CODES[63014] is K.BLOCKED
