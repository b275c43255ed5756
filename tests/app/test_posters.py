"""Posters and cards: a PDF with the right codes for each app, and clear words on what can't be printed."""

import json
from pathlib import Path

import pytest

from app.posters import READERS, Print, make
from app.street import ALPHABET, link
from flows.model import ANSWER_LANGUAGES
from tests.serving import streetwork

LINKS = ("https://t.me/hub_bot", "https://wa.me/4915112345678", "sms:+4915112345678")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("cards", [False, True])
def test_for_every_reader_in_every_language(reader: str, cards: bool) -> None:
    for language in ANSWER_LANGUAGES:
        assert make(Print(reader, (language,), "K7M4P", LINKS, cards)).startswith(b"%PDF")


def test_what_each_app_opens() -> None:
    assert link(LINKS[0], "K7M4P", "Здравейте") == "https://t.me/hub_bot?start=K7M4P"
    assert str(link(LINKS[1], "K7M4P", "Bună ziua")).endswith("?text=Bun%C4%83%20ziua%20%23K7M4P")
    assert str(link(LINKS[2], "K7M4P", "Hi")).endswith("?&body=Hi%20%23K7M4P")
    assert link("https://example.org", "K7M4P", "Hi") is None


def test_letters_that_look_alike_are_in_no_code() -> None:
    assert not set("01OIL") & set(ALPHABET)


def test_on_the_command_line(commands: dict[str, str], tmp_path: Path) -> None:
    data, pdf = commands, tmp_path / "poster.pdf"
    missing = streetwork(data, "poster", "make", str(pdf), check=False)
    assert "No channel has a link" in missing.stderr
    streetwork(data, "channel", "add", "webchat", "chat", "--link", LINKS[0])
    wrong = streetwork(data, "poster", "make", str(pdf), "--place", "atlantis", check=False)
    assert "There is no place atlantis" in wrong.stderr
    options = ["--place", "weissenfels", "--language", "ro", "--reader", "playground", "--flow", "afternoon"]
    made = streetwork(data, "poster", "make", str(pdf), *options)
    assert pdf.read_bytes().startswith(b"%PDF")
    again = streetwork(data, "poster", "make", str(pdf), *options)
    assert made.stdout == again.stdout, "the same code for the same poster"
    (row,) = [json.loads(line) for line in streetwork(data, "poster", "counts", "--json").stdout.splitlines()]
    assert (row["place"], row["opens"]) == ("weissenfels", "flow:afternoon")
