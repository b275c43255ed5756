"""Package files of every kind of damage: each is refused with words, and nothing of it stays."""

import concurrent.futures
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.translations import toy_argos
from translations.machine import BadPackage, install, installed, packages, remove, try_out

META = b'{"from_code": "bg", "to_code": "en", "package_version": "1"}'


def _half(good: Path, file: Path) -> None:
    file.write_bytes(good.read_bytes()[: good.stat().st_size // 2])


def _flipped(good: Path, file: Path) -> None:
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def _changed(good: Path, file: Path, **changes: bytes | None) -> None:
    """Members by the end of their names: replaced, or with None left out."""
    with zipfile.ZipFile(good) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    for ending, content in changes.items():
        name = next(name for name in files if name.endswith(ending.replace("__", ".")))
        files.pop(name) if content is None else files.update({name: content})
    toy_argos.pack(file, files)


def _meta(**values: object) -> bytes:
    return json.dumps(json.loads(META) | values).encode()


DAMAGE: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "not there": (lambda good, file: None, "no file"),
    "no zip": (lambda good, file: file.write_bytes(b"<html>404</html>"), "no Argos package"),
    "empty": (lambda good, file: file.write_bytes(b""), "no Argos package"),
    "half": (_half, "no Argos package"),
    "flipped bits": (_flipped, "damaged"),
    "no folder": (lambda good, file: toy_argos.pack(file, {"metadata.json": META}), "exactly one folder"),
    "two folders": (lambda good, file: toy_argos.pack(file, {"a/x": b"", "b/x": b""}), "exactly one folder"),
    "no metadata": (lambda good, file: _changed(good, file, metadata__json=None), "metadata.json"),
    "metadata is no JSON": (lambda good, file: _changed(good, file, metadata__json=b"{"), "metadata.json"),
    "metadata is a list": (lambda good, file: _changed(good, file, metadata__json=b"[]"), "metadata.json"),
    "strange codes": (lambda good, file: _changed(good, file, metadata__json=_meta(to_code="../x")), "language codes"),
    "one language": (lambda good, file: _changed(good, file, metadata__json=_meta(to_code="bg")), "twice"),
    "strange version": (lambda good, file: _changed(good, file, metadata__json=_meta(package_version="")), "version"),
    "no model": (lambda good, file: _changed(good, file, model__bin=None), "can't be loaded"),
    "half a model": (lambda good, file: _changed(good, file, model__bin=b"\6\0\0\0"), "can't be loaded"),
    "no tokens": (lambda good, file: _changed(good, file, sentencepiece__model=None), "can't be loaded"),
    "wrong tokens": (lambda good, file: _changed(good, file, sentencepiece__model=b"x"), "can't be loaded"),
    "slip": (lambda good, file: toy_argos.pack(file, {"../evil": b"x", "a/metadata.json": META}), "outside"),
    "absolute": (lambda good, file: toy_argos.pack(file, {"/tmp/evil": b"x"}), "outside"),
    "bomb": (lambda good, file: toy_argos.pack(file, {"a/x": b"\0" * 6_000_000}), "unpacks to more"),
    "many files": (lambda good, file: toy_argos.pack(file, {f"a/{n}": b"" for n in range(2001)}), "2000 files"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_packages(
    kind: str, toy_files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "MOST_BYTES", 5_500_000)
    damage, words = DAMAGE[kind]
    folder = tmp_path / "packages"
    before = install(toy_files["bg_en"], folder, try_out)
    damage(toy_files["bg_en"], tmp_path / "damaged.argosmodel")
    with pytest.raises(BadPackage, match=words):
        install(tmp_path / "damaged.argosmodel", folder, try_out)
    assert installed(folder) == [before], "the good one stays"
    assert not (tmp_path / "evil").exists()
    assert [path.name for path in sorted(folder.iterdir())] == [".lock", "bg_en"], "nothing is left behind"
    try_out(before.place(folder))


def test_what_is_installed_is_described(toy_files: dict[str, Path], tmp_path: Path) -> None:
    made = install(toy_files["ro_en"], tmp_path, try_out)
    assert (made.pair, made.version) == ("ro_en", "0.1")
    assert made.checksum == hashlib.sha256(toy_files["ro_en"].read_bytes()).hexdigest()
    assert made.size > made.weights > 100_000
    assert installed(tmp_path) == [made]
    assert installed(tmp_path / "nowhere") == []


def test_the_same_package_is_the_same_bytes(toy_files: dict[str, Path], tmp_path: Path) -> None:
    assert toy_argos.build("bg", "en", tmp_path).read_bytes() == toy_files["bg_en"].read_bytes()


def test_stray_things_in_the_folder(toy_files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "bg_xx").mkdir()
    (tmp_path / "bg_xx" / "hub.json").write_text("{}")
    (tmp_path / "uk_en").mkdir()
    (tmp_path / "uk_en" / "hub.json").write_bytes(b"\xff\0")
    (tmp_path / "a_file").write_text("x")
    made = install(toy_files["bg_en"], tmp_path, try_out)
    assert installed(tmp_path) == [made]


def test_removed(toy_files: dict[str, Path], tmp_path: Path) -> None:
    install(toy_files["bg_en"], tmp_path, try_out)
    remove("bg_en", tmp_path)
    assert installed(tmp_path) == []
    for pair in ("bg_en", "..", "../x", ""):
        with pytest.raises(BadPackage, match="not installed"):
            remove(pair, tmp_path)


def test_installed_by_many_at_once(toy_files: dict[str, Path], tmp_path: Path) -> None:
    other = toy_argos.build("bg", "en", tmp_path, "0.2")
    files = [toy_files["bg_en"], other] * 3
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda file: install(file, tmp_path / "packages", try_out), files))
    (last,) = installed(tmp_path / "packages")
    try_out(last.place(tmp_path / "packages"))
