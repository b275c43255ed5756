"""The lock is whole, and `tests.lock` says so for a reason: it finds each way of breaking it."""

import functools
import re
import shutil
from pathlib import Path

import pytest

from tests.lock import DEVELOPMENT, OVERRIDES, ROOT, RUNTIME, check_lock, imported, installed_distributions, main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with the real locks and one room of its own."""
    for name in ("pyproject.toml", RUNTIME, DEVELOPMENT, OVERRIDES):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("import json\nimport httpx\nfrom channels import base\n")
    return tmp_path


installed = functools.cache(installed_distributions)


def problems(folder: Path) -> str:
    return "\n".join(check_lock(folder, installed()))


def cut(path: Path, name: str) -> None:
    """Take a distribution with its hashes out of a lock file."""
    kept, skipping = [], False
    for line in path.read_text().splitlines():
        skipping = line.startswith(f"{name}==") or (skipping and line.startswith(" "))
        if not skipping:
            kept.append(line)
    path.write_text("\n".join(kept) + "\n")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_ours_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().out


def test_a_copy_is_whole(folder: Path) -> None:
    assert problems(folder) == ""


@pytest.mark.parametrize("name", ["h11", "anyio"])
def test_missing_in_both(folder: Path, name: str) -> None:
    cut(folder / RUNTIME, name)
    cut(folder / DEVELOPMENT, name)
    assert f"{RUNTIME}: {name} is missing, needed by" in problems(folder)


def test_an_extra_brings_its_needs(folder: Path) -> None:
    cut(folder / RUNTIME, "psycopg-pool")
    assert f"{RUNTIME}: psycopg-pool is missing, needed by psycopg" in problems(folder)


def test_a_tool_that_the_lock_lacks(folder: Path) -> None:
    cut(folder / DEVELOPMENT, "execnet")
    assert f"{DEVELOPMENT}: execnet is missing, needed by pytest-xdist" in problems(folder)


def test_version_that_does_not_fit(folder: Path) -> None:
    replace(folder / "pyproject.toml", '"httpx>=0.28"', '"httpx>=99"')
    assert "but pyproject.toml needs >=99" in problems(folder)


def test_without_hash(folder: Path) -> None:
    text = (folder / RUNTIME).read_text()
    (folder / RUNTIME).write_text(re.sub(r"^(httpx==\S+)( \\\n +--hash=\S+)+", r"\1", text, flags=re.MULTILINE))
    assert re.search(r"requirements.txt: httpx \S+ has no hash", problems(folder))


@pytest.mark.parametrize(
    "line",
    ["--index-url https://packages.example/simple", "--find-links wheels", "httpx", "httpx @ https://x.example/h"],
)
def test_form(folder: Path, line: str) -> None:
    with (folder / RUNTIME).open("a") as file:
        file.write(f"{line}\n")
    assert "neither a pinned version nor a hash" in problems(folder)


def test_a_host_in_a_comment(folder: Path) -> None:
    with (folder / DEVELOPMENT).open("a") as file:
        file.write("# from https://packages.example/simple\n")
    assert "names a host" in problems(folder)


def test_runtime_and_development_differ(folder: Path) -> None:
    text = (folder / RUNTIME).read_text()
    (folder / RUNTIME).write_text(re.sub(r"^h11==\S+", "h11==99.0", text, flags=re.MULTILINE))
    assert f"{DEVELOPMENT}: h11 is not as in {RUNTIME}" in problems(folder)


def test_left_out_without_a_reason(folder: Path) -> None:
    (folder / OVERRIDES).write_text('django ; python_version < "0"\n')
    assert "say above django why it is left out" in problems(folder)


def test_left_out_but_not_named(folder: Path) -> None:
    (folder / OVERRIDES).write_text("")
    assert "django is missing, needed by django-htmx" in problems(folder)


def test_left_out_though_nobody_asks_for_it(folder: Path) -> None:
    with (folder / OVERRIDES).open("a") as file:
        file.write('# once needed\nleft-pad ; python_version < "0"\n')
    assert "nothing declares left-pad any more" in problems(folder)


def test_the_hub_imports_a_development_tool(folder: Path) -> None:
    (folder / "app" / "main.py").write_text("def late():\n    import pytest\n")
    assert f"app/main.py imports pytest (pytest), which is not in {RUNTIME}" in problems(folder)


def test_the_hub_imports_what_is_not_there(folder: Path) -> None:
    (folder / "app" / "main.py").write_text("from no_such_thing.inside import name\n")
    assert "imports no_such_thing (not installed)" in problems(folder)


def test_relative_imports_are_ours() -> None:
    assert imported("from . import a\nfrom .b import c\nimport d.e as f\nfrom g.h import i") == {"d", "g"}
