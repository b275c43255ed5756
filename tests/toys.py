"""Toy translation packages put into a hub (`tests.translations.toy_argos`)."""

import tempfile
from functools import cache
from pathlib import Path

from app.hub import Hub
from tests.translations import toy_argos
from translations.machine import install

BG_DE = ("bg_en", "en_de")


def install_toys(hub: Hub, *pairs: str) -> None:
    """The likes of 'bg_en'."""
    for pair in pairs:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{pair}.argosmodel"
            file.write_bytes(_built(pair))
            install(file, hub.settings.packages_dir, lambda _: None)


@cache
def _built(pair: str) -> bytes:
    source, _, target = pair.partition("_")
    with tempfile.TemporaryDirectory() as folder:
        return toy_argos.build(source, target, Path(folder)).read_bytes()
