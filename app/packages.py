"""Translation packages as admins see them: what is there, what is missing for whom, adding and removing."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.config import Settings
from app.errors import BadInput, NotFound
from app.models import User
from flows.model import UNDERSTOOD_LANGUAGES
from translations.machine import BadPackage, Installed, install, installed, memory_of, missing, remove, try_out, way_of

STAFF_LANGUAGE = "de"  # what colleagues read and write; English they may choose for the pages only


@dataclass(frozen=True, slots=True)
class Need:
    """One language of people: the pairs missing to read it, and to answer in it; `…_route`: the pairs in use."""

    language: str
    to_read: tuple[str, ...]
    to_answer: tuple[str, ...]
    read_route: tuple[str, ...]
    answer_route: tuple[str, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.to_read, *self.to_answer)))

    @property
    def ways(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        german = STAFF_LANGUAGE
        return (f"{self.language} -> {german}", self.to_read), (f"{german} -> {self.language}", self.to_answer)


@dataclass(frozen=True, slots=True)
class Overview:
    packages: list[Installed]
    needs: list[Need]

    @property
    def memory_of_all(self) -> int:
        return memory_of(self.packages)


def overview(settings: Settings) -> Overview:
    packages = installed(settings.packages_dir)
    pairs = {each.pair for each in packages}
    german = STAFF_LANGUAGE
    needs = [
        Need(
            language,
            missing(language, german, pairs),
            missing(german, language, pairs),
            way_of(language, german, pairs),
            way_of(german, language, pairs),
        )
        for language in UNDERSTOOD_LANGUAGES
        if language != german
    ]
    return Overview(packages, needs)


async def add(session: AsyncSession, user: User, settings: Settings, name: str, content: BinaryIO) -> Installed:
    """A package file from a page; `name` is only for words. Nothing of it is kept where it is no good."""
    try:
        made = await asyncio.to_thread(_install, settings.packages_dir, name, content)
    except BadPackage as error:
        raise BadInput(error.message, **error.detail) from error
    await audit.note(
        session, user, "setting_changed", setting="translations", installed=made.pair, sha256=made.checksum
    )
    return made


async def take_away(session: AsyncSession, user: User, settings: Settings, pair: str) -> None:
    try:
        await asyncio.to_thread(remove, pair, settings.packages_dir)
    except BadPackage as error:
        raise NotFound(error.message, **error.detail) from error
    await audit.note(session, user, "setting_changed", setting="translations", removed=pair)


def _install(folder: Path, name: str, content: BinaryIO) -> Installed:
    folder.mkdir(parents=True, exist_ok=True)
    plain = "".join(char for char in Path(name).name if char.isalnum() or char in "._-")[-80:].strip(".") or "package"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".upload-") as temporary:
        file = Path(temporary) / plain
        with file.open("wb") as written:
            shutil.copyfileobj(content, written)
        return install(file, folder, try_out)
