"""Content goes out and comes back without loss: exported, loaded into an empty database, exported again."""

import base64
from pathlib import Path
from typing import Any

import pytest

from app.db import Database, migrate
from app.hub import Hub
from app.publishing import export, load, publish_version
from flows.load import BadContent, read_content, write_content
from tests.editor.test_drafts import KEY, with_label
from tests.postgres import TestCluster
from tests.web.cast import PIXEL

PICTURE = {"name": "letter.png", "mime": "image/png", "content": base64.b64encode(PIXEL).decode()}
REPLY = {
    "shortcut": "bis-dann",
    "title": "Bis dann",
    "texts": {"de": {"text": "Bis dann!\n\nIhr Team"}},
    "deleted": True,
}
TERM = {"de": "Bescheid (Jobcenter)", "ro": "decizie", "bg": "решение", "uk": "рішення"}


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_every_kind_goes_round_byte_by_byte(hub: Hub, cluster: TestCluster, tmp_path: Path) -> None:
    async with hub.db.transaction() as session:
        live = {(kind, key): data for kind, key, data in await export(session)}
        edited: list[tuple[str, str, dict[str, Any]]] = [
            ("entry", KEY, with_label(live["entry", KEY], "Заплата: «да»")),
            ("file", "letter.png", PICTURE),
            ("canned", "bis-dann", REPLY),
            ("term", TERM["de"], TERM),
        ]
        for kind, key, data in edited:
            await publish_version(session, kind, key, data, origin="hub")
        write_content(tmp_path / "one", await export(session))
    with cluster.database() as url:
        migrate(url)
        other = Database(url)
        async with other.transaction() as session:
            await load(session, read_content(tmp_path / "one"))
        async with other.transaction() as session:
            write_content(tmp_path / "two", await export(session))
        await other.close()
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "one")["files/letter.png"] == PIXEL


def test_what_has_no_file_to_be_written_to_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(BadContent, match="poem spring"):
        write_content(tmp_path, [("poem", "spring", {})])
    with pytest.raises(BadContent, match=r"letter\.jpg"):
        write_content(tmp_path, [("file", "letter.jpg", PICTURE)])
