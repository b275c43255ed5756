"""`streetwork …`: what operators type, on the running database and on one started for the command."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner, Result

from app.cli import cli
from tests.live import SECRET_KEY
from tests.postgres import TestCluster, reachable_folder
from tests.providers.telegram.server import TelegramServer
from tests.serving import Serving, environment, serving, streetwork

Run = Callable[..., Result]
TOKEN = "123456789:AAF-double_of_telegram_for_tests-00"


@pytest.fixture(autouse=True)
def quiet_root() -> Iterator[None]:
    """Commands set logging up for a process of their own."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def database_url(cluster: TestCluster, template: str) -> Iterator[str]:
    with cluster.database(template) as url:
        yield url


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in this process: starting Python anew would take most of the test's time."""
    env = environment(tmp_path / "var", DATABASE_URL=database_url)

    def command(*arguments: str, stdin: str = "", fails: bool = False, **more: str) -> Result:
        settings = {**env, **{f"STREETWORK_{name}": value for name, value in more.items()}}
        result = CliRunner().invoke(cli, list(arguments), input=stdin, env=settings)
        assert (result.exit_code != 0) == fails, result.output + repr(result.exception)
        return result

    return command


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_channels_are_added_listed_changed_and_removed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    run("channel", "add", "telegram", "hilfe", "--token-file", str(tmp_path / "token"), "--mode", "webhook",
        "--api-base", "http://127.0.0.1:9", "--place", "weissenfels")  # fmt: skip
    run("channel", "add", "webchat", "chat")
    listed = lines(run("channel", "list", "--json"))
    assert listed == [
        {"name": "hilfe", "kind": "telegram", "place": "weissenfels", "mode": "webhook"},
        {"name": "chat", "kind": "webchat", "place": "", "mode": ""},
    ]
    assert "hilfe" in run("channel", "list").stdout
    run("channel", "set", "hilfe", "--place", "wuppertal")
    assert lines(run("channel", "list", "--json"))[0]["place"] == "wuppertal"
    run("channel", "remove", "hilfe")
    assert [channel["name"] for channel in lines(run("channel", "list", "--json"))] == ["chat"]
    run(
        "channel", "add", "telegram", "hilfe", "--token", TOKEN, "--mode", "polling", "--api-base", "http://127.0.0.1:9"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("channel", "add", "pigeon", "x"), "no channel kind"),
        (("channel", "add", "telegram", "x"), "--token"),
        (("channel", "add", "webchat", "a/b"), "letters, digits"),
        (("channel", "add", "webchat", "status"), "letters, digits"),
        (("channel", "add", "telegram", "x", "--token", "1:x", "--mode", "pigeon"), "webhook or polling"),
        (("channel", "set", "nobody", "--place", "x"), "no channel named"),
        (("channel", "check", "nobody"), "no channel named"),
        (("channel", "remove", "nobody"), "no channel named"),
        (("user", "reset", "nobody@example.org"), "no account"),
        (("user", "add", "x@example.org", "--role", "king"), ""),
    ],
)
def test_mistakes_are_told(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments, fails=True)
    assert words in result.output + str(result.exception)


def test_a_name_twice(run: Run) -> None:
    run("channel", "add", "webchat", "chat")
    assert "already" in str(run("channel", "add", "webchat", "chat", fails=True).exception)


def test_staff_accounts(run: Run) -> None:
    made = run("user", "add", "Ana@Example.org", "--role", "streetworker").stdout
    assert "shown once" in made
    run("user", "add", "alex@example.org", "--role", "admin", "--password-file", "-", stdin="a long enough password\n")
    listed = lines(run("user", "list", "--json"))
    assert [(user["email"], user["role"], user["disabled"]) for user in listed] == [
        ("alex@example.org", "admin", False), ("ana@example.org", "streetworker", False),
    ]  # fmt: skip
    assert "shown once" in run("user", "reset", "ana@example.org").stdout
    run("user", "disable", "ana@example.org")
    assert [user["disabled"] for user in lines(run("user", "list", "--json"))] == [False, True]


def test_content_is_loaded_checked_and_exported(run: Run, tmp_path: Path) -> None:
    assert "0 published" in run("content", "load").stdout
    run("content", "export", str(tmp_path / "out"))
    assert "0 published" in run("content", "load", str(tmp_path / "out")).stdout
    issues = lines(run("content", "check", "--json"))
    assert {issue["severity"] for issue in issues} >= {"warning", "gap"}
    broken = tmp_path / "out" / "entries" / "work.dismissal.yaml"
    entry = yaml.safe_load(broken.read_text(encoding="utf-8"))
    del entry["answers"]["uk"]
    broken.write_text(yaml.safe_dump(entry, allow_unicode=True), encoding="utf-8")
    result = run("content", "check", str(tmp_path / "out"), fails=True)
    assert "has no answer in this language" in result.stdout
    broken.write_text("topic: [", encoding="utf-8")
    assert "not readable" in run("content", "check", str(tmp_path / "out"), fails=True).stdout


def test_a_flow_whose_dialogues_fail_is_not_loaded(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("content", "export", str(out))
    (out / "transcripts").mkdir(exist_ok=True)
    dialogue = out / "transcripts" / "broken.txt"
    dialogue.write_text(
        "flow: dismissal\nlanguage: de\nchannel: sms\ntoday: 2026-11-22\n\n< Guten Tag!\n", encoding="utf-8"
    )
    refused = run("content", "load", str(out), fails=True).stdout
    assert "dialogue broken: line 6 should be '< Guten Tag!'" in refused
    assert "Nothing was loaded" in refused
    run("content", "check", str(out), "--rewrite")
    assert "Gekündigt" in dialogue.read_text(encoding="utf-8") or "gekündigt" in dialogue.read_text(encoding="utf-8")
    run("content", "load", str(out))


def test_the_doctor_says_what_to_do_and_fails_until_it_is_done(run: Run) -> None:
    sick = run("doctor", fails=True).stdout
    for word in ("PUBLIC_URL", "alerts"):
        assert f"FAIL {word}" in sick
    ready = {"PUBLIC_URL": "https://hub.example", "SMTP_URL": "smtp://mail.example", "ALERT_EMAIL": "a@example.org"}
    told = run("doctor", fails=True, **ready).stdout
    assert "FAIL staff" in told
    assert "FAIL approval" in told, "unapproved texts are live"
    assert "ok   database" in told
    run("user", "add", "alex@example.org", "--role", "admin")
    demo = run("doctor", DEMO="1").stdout
    assert "note approval" in demo
    weak = run("doctor", fails=True, SECRET_KEY="short", **ready).stdout
    assert "FAIL SECRET_KEY" in weak


def test_the_doctor_without_a_database(run: Run) -> None:
    result = run("doctor", fails=True, DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing", PUBLIC_URL="https://x",
                 SMTP_URL="smtp://x", ALERT_EMAIL="a@b")  # fmt: skip
    assert "Traceback" not in result.output
    assert "FAIL" in result.stdout


def test_an_empty_database_is_migrated_by_command(run: Run, cluster: TestCluster) -> None:
    with cluster.database() as empty:
        ready = {"PUBLIC_URL": "https://x", "SMTP_URL": "smtp://x", "ALERT_EMAIL": "a@b", "DATABASE_URL": empty}
        assert "streetwork migrate" in run("doctor", fails=True, **ready).stdout
        run("migrate", DATABASE_URL=empty)
        assert "FAIL content" in run("doctor", fails=True, **ready).stdout
        assert " published" in run("content", "load", DATABASE_URL=empty).stdout


def test_backup_and_restore_into_an_empty_database(run: Run, cluster: TestCluster, tmp_path: Path) -> None:
    run(
        "channel", "add", "telegram", "hilfe", "--token", TOKEN, "--mode", "polling", "--api-base", "http://127.0.0.1:9"
    )
    file = tmp_path / "hub.backup"
    run("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert TOKEN.encode() not in file.read_bytes()
    assert "not empty" in str(run("restore", str(file), "--secret-key", SECRET_KEY, fails=True).exception)
    with cluster.database() as empty:
        wrong = run("restore", str(file), "--secret-key", "w" * 40, DATABASE_URL=empty, fails=True)
        assert "another STREETWORK_SECRET_KEY" in str(wrong.exception)
    with cluster.database() as empty:
        restored = run(
            "restore", str(file), DATABASE_URL=empty, DATA_DIR=str(tmp_path / "new"), stdin=SECRET_KEY + "\n"
        )
        assert "No erasures.jsonl was given" in restored.stdout
        listed = lines(run("channel", "list", "--json", DATABASE_URL=empty))
        assert [channel["name"] for channel in listed] == ["hilfe"]
    with cluster.database() as empty:
        erasures = tmp_path / "erasures.jsonl"
        erasures.write_text('{"channel": 1, "lookup": "00", "at": "2026-01-01T00:00:00+00:00"}\n')
        run("restore", str(file), "--secret-key", SECRET_KEY, "--erasures", str(erasures), DATABASE_URL=empty,
            DATA_DIR=str(tmp_path / "newer"))  # fmt: skip
        assert (tmp_path / "newer" / "erasures.jsonl").read_text() == erasures.read_text()


def test_export_fails_on_nothing_and_names_its_fields(run: Run) -> None:
    assert run("messages", "export").stdout == ""
    assert run("messages", "export", "--since", "2026-01-01T00:00:00+00:00").stdout == ""
    run("messages", "export", "--since", "yesterday", fails=True)


async def test_the_provider_is_asked_and_told(run: Run) -> None:
    async with TelegramServer() as telegram:
        options = ("--token", telegram.token, "--api-base", telegram.api_base)
        added = await asyncio.to_thread(run, "channel", "add", "telegram", "hilfe", *options)
        assert "webhook_set" in added.stdout
        hook = telegram.state.webhook
        assert hook.url == "http://127.0.0.1:8000/webhooks/hilfe"
        assert len(hook.secret) >= 32
        assert "message_reaction" in hook.allowed
        await asyncio.to_thread(run, "channel", "check", "hilfe")
        hook.url = "https://elsewhere.example"
        checked = await asyncio.to_thread(lambda: run("channel", "check", "hilfe", fails=True))
        assert "WARNING webhook_url" in checked.stdout
        await asyncio.to_thread(run, "channel", "set", "hilfe", "--mode", "polling")
        assert telegram.state.webhook.url == "", "Telegram refuses to be polled while a webhook is set"
        await asyncio.to_thread(run, "channel", "check", "hilfe")
        await asyncio.to_thread(run, "channel", "set", "hilfe", "--mode", "webhook")
        assert telegram.state.webhook.url == "http://127.0.0.1:8000/webhooks/hilfe"


def test_on_the_embedded_database_without_serve(used_place: Path) -> None:
    env = environment(used_place)
    assert "published" in streetwork(env, "content", "load").stdout
    assert streetwork(env, "channel", "list").stdout == "(none)\n"


@pytest.fixture(scope="module")
def running(pattern: Path) -> Iterator[Serving]:
    with reachable_folder() as folder, serving(folder, DEMO="1") as hub:
        yield hub


async def test_while_serve_runs_a_new_channel_is_served_at_once(running: Serving) -> None:
    async with TelegramServer() as telegram:
        await asyncio.to_thread(
            streetwork, running.env, "channel", "add", "telegram", "neu", "--token", telegram.token,
            "--api-base", telegram.api_base,
        )  # fmt: skip
        person = telegram.person()
        assert (await person.writes("шефът не ми плаща заплатата")).attempts == [200]
        sent = await telegram.wait_for(person.id, 4, seconds=30)
        assert "[Чернова" in sent[-1].text or any("[Чернова" in each.text for each in sent), "drafts are marked"
        exported = await asyncio.to_thread(streetwork, running.env, "messages", "export")
        first = json.loads(exported.stdout.splitlines()[0])
        assert first | {"seq": 0, "conversation": 0, "stored_at": "", "provider_time": "", "external_id": ""} == {
            "channel": "neu", "external_id": "", "direction": "in", "author": "contact", "address": str(person.id),
            "sender": str(person.id), "kind": "text", "text": "шефът не ми плаща заплатата", "media": [],
            "location": None, "contact": None, "buttons": [], "start_payload": None, "album": None, "edits": [],
            "status": "received", "reply_to": None, "seq": 0, "conversation": 0, "provider_time": "", "stored_at": "",
        }  # fmt: skip
        await asyncio.to_thread(streetwork, running.env, "channel", "remove", "neu")
        assert not (await person.writes("ало")).accepted


def test_ctrl_c_stops_everything(running: Serving) -> None:
    env = running.env
    assert running.stop() == 0
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{running.base_url}/healthz", trust_env=False)
    assert not (Path(env["STREETWORK_DATA_DIR"]) / "postgres" / "postmaster.pid").exists()
    running.start()
    running.wait_until_ready()
