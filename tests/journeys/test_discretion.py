"""What people write, who they are, and the bot's token are in no log, whatever goes wrong."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import sqlalchemy as sa

from app import conversation
from app.logs import NOISY, QuietFormatter
from app.turn import Turn
from tests.journeys.test_danger import VIOLENCE
from tests.live import Live
from tests.providers.telegram.server import TelegramServer

WORDS = "тайна-за-шефа"
PERSON = 5_987_654_321


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything our rooms would write at DEBUG, in the form in which `serve` writes it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(QuietFormatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in NOISY}
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


async def fails_at_it(turn: Turn) -> bool:
    if WORDS in turn.text:
        raise ValueError(turn.text)
    return False


async def breaks_the_database(turn: Turn) -> bool:
    if turn.text == "база":
        await turn.session.execute(sa.text("select :words ::int"), {"words": WORDS})
    return False


async def test_no_log_tells_words_people_or_tokens(
    live: Live, telegram: TelegramServer, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "RULES", (fails_at_it, breaks_the_database, *conversation.RULES))
    person = telegram.person(PERSON)
    telegram.goes_wrong(status=400, description=f'Bad Request: can\'t parse "{WORDS}"')
    telegram.goes_wrong(status=502, json=False)
    await person.writes("Здравейте")
    await person.writes(WORDS)
    await person.writes("база")
    await person.writes(VIOLENCE["bg"])
    await person.sends_voice(b"OggS")
    await telegram.deliver({"update_id": 1, "message": {"text": WORDS}}, secret="forged-secret")
    await telegram.wait_for(PERSON, 1, seconds=60)
    written = log.getvalue()
    assert "failed at a message" in written, "the failing paths were walked"
    for trace in (
        WORDS,
        str(PERSON),
        telegram.token,
        telegram.token.split(":")[1],
        "бие",
        "Здравейте",
        "forged-secret",
    ):
        assert trace not in written
