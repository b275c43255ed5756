"""A case as files for the person it is about: by whom, with which reason, and what is in them."""

import io
import json
import zipfile

import sqlalchemy as sa

from app.hub import Hub
from app.models import AuditEntry
from tests.web.conftest import NewBrowser
from tests.web.street import Street


async def test_an_export_holds_what_the_person_wrote_and_is_noted(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse("boris@example.org")
    path = f"/inbox/{street.wages.id}/export"
    assert (await boris.get(path)).status_code == 200
    await boris.post(f"/inbox/{street.wages.id}/note", {"text": "Nur für uns."})
    assert (await boris.post(path)).status_code == 422, "a reason is asked for"
    answer = await boris.post(path, {"reason": "person_asked"})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        content, text = json.loads(archive.read("case.json")), archive.read("case.txt").decode()
    assert content["addresses"] == [{"channel": "telegram", "address": "100200300"}]
    assert "shefat ne mi plati" in text
    assert any(message["files"] for message in content["messages"])
    assert "Nur für uns." not in text
    with_notes = await boris.post(path, {"reason": "authority", "notes": "true"})
    with zipfile.ZipFile(io.BytesIO(with_notes.content)) as archive:
        assert "Nur für uns." in archive.read("case.txt").decode()
    async with hub.db.transaction() as session:
        entries = await session.scalars(sa.select(AuditEntry).where(AuditEntry.kind == "exported"))
        assert [(each.user_id, each.case_id, each.data["why"]) for each in entries] == [
            (street.boris.id, street.wages.id, "person_asked"),
            (street.boris.id, street.wages.id, "authority"),
        ]


async def test_streetworkers_export_nothing(browse: NewBrowser, street: Street) -> None:
    ana = await browse("ana@example.org")
    assert (await ana.post(f"/inbox/{street.wages.id}/export", {"reason": "person_asked"})).status_code == 403
