"""Packages from Argos' own index, by its own functions: only where an operator asks for them, never by itself.

For a process of its own, such as a command: while it fetches, time limits hold for every connection of the process.
"""

import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from translations.machine.argos import library
from translations.machine.engine import PIVOT
from translations.machine.packages import BadPackage

SECONDS = 30.0  # without a byte


@contextmanager
def fetched(wishes: Sequence[str]) -> Iterator[Iterator[Path]]:
    """Files of packages, one after the other, in a folder that goes away. A wish is a pair, 'bg_en', or a language, 'bg'.

    The index is argostranslate's, or that of the environment variable ARGOS_PACKAGE_INDEX.
    """
    argos = library()
    with tempfile.TemporaryDirectory() as name, _set_up(argos.settings, Path(name)):
        chosen = _chosen(wishes, _available(argos))
        yield (_download(package) for package in chosen)


def _available(argos: Any) -> dict[str, Any]:
    """The newest package of each pair."""
    address = argos.settings.remote_package_index
    argos.package.update_package_index()  # logs its errors and goes on
    nothing = BadPackage(
        "The list of packages could not be fetched from {name}. Without internet, fetch the files elsewhere and give "
        "their paths.",
        name=address,
    )
    if not argos.settings.local_package_index.exists():
        raise nothing
    try:
        found = [each for each in argos.package.get_available_packages() if each.type == "translate"]
        found.sort(key=lambda each: _version(each.package_version))
    except (ValueError, TypeError, AttributeError):
        raise nothing from None
    return {f"{each.from_code}_{each.to_code}": each for each in found}


def _version(text: object) -> Version:
    try:
        return Version(str(text))
    except InvalidVersion:
        return Version("0")


def _chosen(wishes: Sequence[str], available: dict[str, Any]) -> list[Any]:
    pairs: dict[str, None] = {}  # in order, each once
    for wish in wishes:
        if wish == PIVOT:
            raise BadPackage("'{name}' would be every package there is. Name the other language.", name=PIVOT)
        found = [pair for pair in available if wish in (pair, *pair.split("_"))]
        if not found:
            raise BadPackage("The index has no package '{name}', and there is no such file.", name=wish)
        pairs.update(dict.fromkeys(found))
    return [available[pair] for pair in pairs]


def _download(package: Any) -> Path:
    try:
        return Path(package.download())
    except Exception as error:  # it raises plain Exception where no link answered
        pair = f"{package.from_code}_{package.to_code}"
        raise BadPackage("{name} could not be fetched. Try again, or fetch the file elsewhere.", name=pair) from error


@contextmanager
def _set_up(settings: Any, folder: Path) -> Iterator[None]:
    """Where it puts things, where it looks, and how long it waits: it has no limit of its own."""
    before = socket.getdefaulttimeout()
    settings.local_package_index, settings.downloads_dir = folder / "index.json", folder
    address = settings.remote_package_index
    if index := os.environ.get("ARGOS_PACKAGE_INDEX"):
        settings.remote_package_index = index.rstrip("/") + "/index.json"
    socket.setdefaulttimeout(SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
        settings.remote_package_index = address
