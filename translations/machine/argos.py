"""argostranslate, imported so that it stays on this machine: the only module that touches it.

Its import makes folders under the home directory, needs splitters that fetch their models from the network, and it logs what it
translates. Each of that is turned off here, before the import (measured in version 1.11.0).
"""

import logging
import os
import sys
import tempfile
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_importing = threading.Lock()
HOMES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
SETTINGS = {
    "ARGOS_INTRA_THREADS": "1",  # its default, all cores, is two to four times slower for short texts
    "ARGOS_INTER_THREADS": "1",
    "ARGOS_DEBUG": "0",
    "ARGOS_CHUNK_TYPE": "DEFAULT",  # others download at import, or skip packages silently
}


class Whole:
    """In place of its sentence splitters: what comes is one sentence already (`sentences`)."""

    def __init__(self, package: object) -> None:
        pass

    def split_sentences(self, text: str) -> list[str]:
        return [text]


class Model:
    """One installed direction. The weights are loaded with the first sentence; memory comes back when nobody holds it."""

    def __init__(self, folder: Path) -> None:
        """Raises whatever argostranslate raises on a damaged package."""
        argos = library()
        package = argos.package.Package(folder)
        self.source, self.target = str(package.from_code), str(package.to_code)
        names = (argos.translate.Language(code, code) for code in (self.source, self.target))
        self._tokenizer = package.tokenizer
        self._translation = argos.translate.PackageTranslation(*names, package)

    def pieces(self, sentence: str) -> int:
        """How many tokens a sentence has for this model."""
        return len(self._tokenizer.encode(sentence))

    def translate(self, sentence: str) -> str:
        return str(self._translation.hypotheses(sentence, 1)[0].value)


def try_out(folder: Path) -> None:
    """Raises whatever argostranslate raises on a damaged package."""
    Model(folder).translate("1")


def library() -> Any:
    with _importing:  # two threads may ask for their first model at the same time
        return _imported()


@cache
def _imported() -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # should onnxruntime ever come along: it phones home on Linux
    for name in ("stanza", "minisbd"):
        sys.modules.setdefault(name, _stub(name))
    with tempfile.TemporaryDirectory() as folder, _environment(Path(folder)):
        import argostranslate.package  # noqa: PLC0415 - costs memory that only towns with packages pay
        import argostranslate.translate  # noqa: PLC0415
    logging.getLogger("argostranslate.utils").setLevel(logging.WARNING)  # it logs people's words at INFO
    import argostranslate  # noqa: PLC0415

    for name in ("MiniSBDSentencizer", "StanzaSentencizer", "SpacySentencizerSmall"):
        setattr(argostranslate.translate, name, Whole)
    return argostranslate


def _stub(name: str) -> types.ModuleType:
    stub: Any = types.ModuleType(name)
    stub.SBDetect = None
    stub.models = types.SimpleNamespace(cache_dir="", list_models=list)
    return stub  # type: ignore[no-any-return]


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """Folders that it makes at import and never needs again: the hub has its own (`packages`)."""
    before = dict(os.environ)
    os.environ.update({name: str(folder) for name in HOMES} | SETTINGS | {"ARGOS_PACKAGES_DIR": str(folder)})
    try:
        yield
    finally:
        for name in (*HOMES, "ARGOS_PACKAGES_DIR", *SETTINGS):
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in before.items() if name not in os.environ})
