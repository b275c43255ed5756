"""Large, mixed and damaged webhooks of WhatsApp: one bad item never spoils the others."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from channels.base import Inbound
from channels.whatsapp_parse import parse_body
from tests.providers.whatsapp.webhooks import wire_form

FIXTURES = Path(__file__).parent.parent / "fixtures" / "whatsapp"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
ME, NUMBER = "+359888123456", "106540352242922"


def load(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return raw


def test_two_numbers_in_one_request() -> None:
    first, second = parse_body(wire_form(load("two_numbers"))).items
    assert isinstance(first, Inbound)
    assert isinstance(second, Inbound)
    assert (first.address, first.account, first.text) == (ME, NUMBER, "едно")
    assert (second.address, second.account, second.text) == ("+40722000111", "106540352242923", "unu")
    assert second.also_address is None


def test_bad_items_are_named_and_the_others_kept() -> None:
    parsed = parse_body(wire_form(load("one_bad_of_many")))
    assert [getattr(one, "text", "status") for one in parsed.items] == ["едно", "две", "status"]
    assert parsed.unused == ("damaged_message", "damaged_status")


def test_a_deeply_nested_item_spoils_no_other() -> None:
    payload = load("two_numbers")
    nested: Any = "x"
    for _ in range(400):
        nested = {"a": [nested]}
    payload["entry"][0]["changes"][0]["value"]["messages"].insert(0, {"id": "wamid.X==", "type": nested})
    parsed = parse_body(wire_form(payload))
    assert [getattr(one, "text", None) for one in parsed.items] == ["едно", "unu"]


def test_messages_come_before_statuses_and_both_in_order() -> None:
    changes = [load(f"status_{name}")["entry"][0]["changes"][0] for name in ("sent", "delivered", "read")]
    changes.insert(1, load("text")["entry"][0]["changes"][0])
    parsed = parse_body(wire_form({"entry": [{"changes": changes}]}))
    assert [getattr(one, "status", "said") for one in parsed.items] == ["said", "sent", "delivered", "read"]


def large_batch(count: int, letters: int) -> bytes:
    payload = load("text")
    (message,) = payload["entry"][0]["changes"][0]["value"]["messages"]
    many = [
        message | {"id": f"wamid.{number}==", "text": {"body": f"{number} " + "щ" * letters}} for number in range(count)
    ]
    payload["entry"][0]["changes"][0]["value"]["messages"] = many
    return wire_form(payload)


@pytest.mark.parametrize(("count", "letters"), [(1000, 40), (1000, 430), (1, 480_000)])
def test_full_batches_in_a_tenth_of_a_second(count: int, letters: int) -> None:
    body = large_batch(count, letters)
    assert len(body) < 3_100_000
    seconds = []
    for _ in range(5):
        start = time.process_time()
        parsed = parse_body(body)
        seconds.append(time.process_time() - start)
        assert len(parsed.items) == count
    assert min(seconds) < 0.1


# Damage


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"null", b"[]", b'"text"', b"7", b"{", b'{"entry": NaN}', b"[" * 100_000],
)
def test_what_is_not_json(body: bytes) -> None:
    parsed = parse_body(body)
    assert (parsed.items, parsed.unused) == ((), ("not_json",))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "empty"),
        ({"object": "page", "entry": []}, "other_object"),
        ({"object": "whatsapp_business_account", "entry": None}, "empty"),
        ({"entry": [None, 7, {"changes": [None, {"value": None}, {"value": {"messages": {}}}]}]}, "empty"),
        ({"entry": [{"changes": [{"field": "тайна", "value": {}}]}]}, "unknown_field"),
    ],
)
def test_hollow_requests(payload: Any, reason: str) -> None:
    parsed = parse_body(wire_form(payload))
    assert (parsed.items, parsed.unused) == ((), (reason,))


ODD: list[Any] = [None, True, -1, 10**40, 1e308, "", "\x00", "\ud83d", [], [None], [[7]], {}, {"id": "x"}, {"a": [{}]}]


@pytest.mark.parametrize("name", NAMES)
def test_no_odd_value_anywhere_raises_or_reaches_the_result(name: str) -> None:
    """Puts every odd value in place of every value of the fixture, one at a time."""
    for odd in ODD:
        for damaged in _damaged(load(name), odd):
            parsed = parse_body(wire_form(damaged))
            assert parsed.items or parsed.unused
            assert "unreadable" not in parsed.unused
            text = repr(parsed)
            assert r"\x00" not in text
            assert r"\ud83d" not in text


def _damaged(value: Any, odd: Any) -> list[Any]:
    """All copies of the value with one place replaced."""
    places = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value) if isinstance(value, list) else [])
    )
    copies = []
    for place, inner in places:
        for changed in [odd, *_damaged(inner, odd)]:
            copy = value.copy()
            copy[place] = changed
            copies.append(copy)
    return copies
