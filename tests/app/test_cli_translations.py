"""`streetwork translate` and `streetwork translations`: packages from files, and from an index that a real server serves."""

import functools
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.errors import BadInput
from tests.serving import environment
from tests.translations import toy_argos
from translations.machine import index

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def quiet_root() -> Iterator[None]:
    """Commands set logging up for a process of their own."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    env = environment(tmp_path / "var")

    def command(*arguments: str, stdin: str = "", fails: str = "", **more: str) -> Result:
        result = CliRunner().invoke(cli, list(arguments), input=stdin, env=env | more)
        if not fails:
            assert result.exit_code == 0, result.output + repr(result.exception)
        else:
            assert isinstance(result.exception, BadInput), result.output + repr(result.exception)
            assert fails in result.exception.message.format_map(result.exception.detail)
        return result

    return command


def listed(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("translations", "list", "--json").stdout.splitlines()]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def shop(tmp_path: Path, toy_files: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    """An index with bg to and from English, in two versions, and its address."""
    folder = tmp_path / "shop"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        made = [toy_argos.build("bg", "en", folder, version) for version in ("0.9", "0.10")]
        (folder / "back.argosmodel").write_bytes(toy_files["en_bg"].read_bytes())
        rows = [_row("bg", "en", "0.10", address + made[1].name), _row("bg", "en", "0.9", address + made[0].name),
                _row("en", "bg", "0.1", address + "back.argosmodel"), _row("en", "ro", "0.1", address + "gone")]  # fmt: skip
        (folder / "index.json").write_text(json.dumps(rows))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address, folder
        server.shutdown()


def _row(source: str, target: str, version: str, link: str) -> dict[str, object]:
    return {"type": "translate", "from_code": source, "to_code": target, "package_version": version, "links": [link]}


def test_from_files_listed_used_and_removed(run: Run, toy_files: dict[str, Path]) -> None:
    assert "(none)" in run("translations", "list").stdout
    said = run("translations", "install", str(toy_files["bg_en"]), str(toy_files["en_de"])).stdout
    assert said.count("sha256") == 2
    assert [(row["pair"], row["version"]) for row in listed(run)] == [("bg_en", "0.1"), ("en_de", "0.1")]
    done = run("translate", "--from", "bg", "--to", "de", stdin="шефът не плаща 450 €\n")
    assert done.stdout == "Chef nicht zahlt 450 €\n"
    assert done.stderr.endswith("over en\n")
    run("translate", "--from", "bg", "--to", "ro", stdin="x", fails="Missing: en_ro")
    run("translations", "remove", "bg_en")
    run("translations", "remove", "bg_en", fails="bg_en is not installed")
    assert [row["pair"] for row in listed(run)] == ["en_de"]


def test_mistakes_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.argosmodel").write_text("<html>")
    run("translations", "install", str(tmp_path / "page.argosmodel"), fails="no Argos package")
    run("translations", "install", str(tmp_path / "nothing.argosmodel"), fails="There is no file")
    assert listed(run) == []


def test_from_the_index(run: Run, shop: tuple[str, Path]) -> None:
    address, _ = shop
    assert "bg_en 0.10 is installed" in run("translations", "install", "bg_en", ARGOS_PACKAGE_INDEX=address).stdout
    run("translations", "install", "bg", ARGOS_PACKAGE_INDEX=address.rstrip("/"))
    assert [(row["pair"], row["version"]) for row in listed(run)] == [("bg_en", "0.10"), ("en_bg", "0.1")]
    assert run("translate", "--from", "bg", "--to", "en", stdin="дете").stdout == "child"


def test_what_the_index_lacks(run: Run, shop: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    address, folder = shop
    run("translations", "install", "tr", ARGOS_PACKAGE_INDEX=address, fails="no package 'tr'")
    run("translations", "install", "en", ARGOS_PACKAGE_INDEX=address, fails="every package")
    run("translations", "install", "en_ro", ARGOS_PACKAGE_INDEX=address, fails="en_ro could not be fetched")
    run("translations", "install", "bg", ARGOS_PACKAGE_INDEX="http://127.0.0.1:9/", fails="Without internet")
    (folder / "index.json").write_text("<html>")
    run("translations", "install", "bg", ARGOS_PACKAGE_INDEX=address, fails="could not be fetched")
    assert listed(run) == []
    assert socket.getdefaulttimeout() is None


def test_a_silent_index_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        run("translations", "install", "bg", ARGOS_PACKAGE_INDEX=address, fails="could not be fetched")
