"""`streetwork channel …` for Twilio and Meta: what is asked for, told, made, and found wrong."""

import asyncio
import re
from typing import Any

import psycopg
import pytest

from app.embedded import libpq_url
from tests.app.test_cli import Run, database_url, quiet_root, run
from tests.providers.twilio import TwilioServer
from tests.providers.whatsapp import WhatsAppServer
from tests.providers.whatsapp.state import NUMBER_ID, WABA_ID

__all__ = ["database_url", "quiet_root", "run"]  # fixtures

PUBLIC = {"PUBLIC_URL": "https://hilfe.example"}


async def told(run: Run, *arguments: str, stdin: str = "", fails: bool = False) -> str:
    """What a command prints; in a thread, for the doubles live in this loop."""
    result = await asyncio.to_thread(lambda: run(*arguments, stdin=stdin, fails=fails, **PUBLIC))
    return str(result.stdout)


def at_twilio(twilio: TwilioServer) -> tuple[str, ...]:
    return (
        "--account-sid",
        twilio.account,
        "--auth-token-file",
        "-",
        "--from",
        twilio.number,
        "--api-base",
        twilio.api_base,
    )


def stored(url: str, name: str) -> dict[str, Any]:
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute("select options, place, secrets from channels where name = %s", (name,)).fetchone()
    assert row is not None
    assert b"EAAG" not in row[2]
    assert b"token" not in row[2], "secrets are encrypted"
    return {**row[0], "place": row[1]}


async def test_an_sms_number(run: Run, database_url: str) -> None:
    async with TwilioServer() as twilio:
        options = (*at_twilio(twilio), "--place", "weissenfels", "--cents-per-segment", "7.5", "--monthly-budget", "50",
                   "--link", "sms:+4915199000001")  # fmt: skip
        out = await told(run, "channel", "add", "sms", "sms", *options, stdin=twilio.token + "\n")
        assert "Channel sms added" in out
        assert "WARNING" not in out
        assert twilio.sms.url == "https://hilfe.example/webhooks/sms#rc=5&rp=all"
        kept = stored(database_url, "sms")
        assert (kept["cents_per_segment"], kept["monthly_budget"], kept["place"]) == ("7.5", "50", "weissenfels")
        checked = await told(run, "channel", "check", "sms")
        assert "WARNING" not in checked
        twilio.sms.url = "https://hilfe.example/webhooks/sms"
        assert "#rc=5&rp=all" in await told(run, "channel", "check", "sms", fails=True)
        twilio.sms.url = "https://elsewhere.example/x"
        assert "WARNING webhook_url: https://elsewhere.example/x" in await told(
            run, "channel", "check", "sms", fails=True
        )
        twilio.sms.url = ""
        twilio.state.trial = True
        out = await told(run, "channel", "check", "sms", fails=True)
        assert "WARNING trial" in out
        assert "WARNING webhook_url: none is set" in out
        await told(run, "channel", "set", "sms", "--auth-token", "wrong")
        out = await told(run, "channel", "check", "sms", fails=True)
        assert "WARNING credentials" in out
        assert "wrong" not in out


async def test_a_whatsapp_sender_at_twilio(run: Run) -> None:
    async with TwilioServer() as twilio:
        out = await told(run, "channel", "add", "whatsapp-twilio", "wa", *at_twilio(twilio), stdin=twilio.token + "\n")
        assert "https://hilfe.example/webhooks/wa" in out, "what to type into Twilio's console"
        assert "#rc=5&rp=all" in out
        await told(run, "channel", "check", "wa", fails=True)
        twilio.whatsapp.url = "https://hilfe.example/webhooks/wa#rc=5&rp=all"
        assert "WARNING" not in await told(run, "channel", "check", "wa")
        twilio.whatsapp.online = False
        assert "WARNING number: OFFLINE" in await told(run, "channel", "check", "wa", fails=True)


async def test_a_number_at_meta_and_its_verify_token(run: Run, database_url: str) -> None:
    async with WhatsAppServer() as whatsapp:
        options = ("--access-token-file", "-", "--app-secret", whatsapp.app_secret, "--phone-number-id", NUMBER_ID,
                   "--waba-id", WABA_ID, "--api-base", whatsapp.api_base)  # fmt: skip
        out = await told(run, "channel", "add", "whatsapp-cloud", "cloud", *options, stdin=whatsapp.token + "\n")
        made = re.search(r"Verify token, shown once: (\S{32,})\n", out)
        assert made, out
        assert "https://hilfe.example/webhooks/cloud" in out
        assert "WhatsApp > Configuration" in out
        assert stored(database_url, "cloud")["phone_number_id"] == NUMBER_ID
        whatsapp.state.webhook.url = "https://hilfe.example/webhooks/cloud"
        whatsapp.add_template("open_window", "bg", "Здравейте", status="PENDING")
        out = await told(run, "channel", "check", "cloud", fails=True)
        assert "WARNING templates: 0 of 1 templates are approved" in out
        whatsapp.state.templates[0].status = "APPROVED"
        out = await told(run, "channel", "check", "cloud")
        assert made[1] not in out
        assert "WARNING" not in out
        whatsapp.state.webhook.url = "https://elsewhere.example/"
        assert "WARNING webhook_url: https://elsewhere.example/" in await told(
            run, "channel", "check", "cloud", fails=True
        )
        await told(run, "channel", "set", "cloud", "--app-secret", "f" * 32)
        assert "WARNING app_secret" in await told(run, "channel", "check", "cloud", fails=True)
        whatsapp.state.revoked = True
        out = await told(run, "channel", "check", "cloud", fails=True)
        assert "WARNING token" in out
        assert whatsapp.token not in out


async def test_a_verify_token_of_one_s_own_is_not_shown(run: Run) -> None:
    async with WhatsAppServer() as whatsapp:
        out = await told(
            run, "channel", "add", "whatsapp-cloud", "cloud", "--access-token", whatsapp.token, "--app-secret",
            whatsapp.app_secret, "--phone-number-id", NUMBER_ID, "--api-base", whatsapp.api_base, "--verify-token", "mine",
        )  # fmt: skip
        assert "Verify token" not in out
        assert "mine" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sms", "x", "--account-sid", "AC1", "--auth-token", "t"), "--from or --messaging-service"),
        (("sms", "x", "--account-sid", "AC1", "--from", "+491"), "--auth-token"),
        (
            ("sms", "x", "--account-sid", "AC1", "--auth-token", "t", "--from", "+491", "--monthly-budget", "viel"),
            "number",
        ),
        (("whatsapp-cloud", "x", "--access-token", "t", "--phone-number-id", "1"), "--app-secret"),
        (("whatsapp-cloud", "x", "--access-token", "t", "--app-secret", "s"), "--phone-number-id"),
    ],
)
def test_what_is_missing_is_named(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run("channel", "add", *arguments, fails=True)
    assert words in result.output + str(result.exception)
