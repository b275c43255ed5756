"""Published examples: every process, and commands without a database, go by them within seconds; learning follows."""

import asyncio
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.content import CONTENT_DIR, Shelf
from app.db import Database, migrate
from app.hub import Hub
from app.publishing import export, live_version, load, publish_version
from flows.load import read_content, read_examples, write_content
from flows.understand import live
from tests.flows.few import write_few
from tests.postgres import TestCluster, reachable_folder
from tests.serving import Serving, borrow_training, environment, free_port, streetwork

TOPIC, NEW = "everyday.driving_car", "кой мие кучета в събота"
PAGE = "/abc/bg/search"


async def publish(db: Database, *texts: str, topic: str = TOPIC) -> None:
    """As the editor does it: the topic's examples with these among them."""
    async with db.transaction() as session:
        version = await live_version(session, "examples", topic)
        assert version is not None
        told = {**version.data["texts"], "bg": [*version.data["texts"]["bg"], *texts]}
        await publish_version(session, "examples", topic, {"topic": topic, "texts": told}, origin="hub")


async def test_unchanged_content_is_understood_by_the_same_artefact(hub: Hub) -> None:
    data_dir = hub.settings.data_dir
    assert live.folder_in_force(CONTENT_DIR, data_dir) == CONTENT_DIR
    assert live.best_artefact(CONTENT_DIR, data_dir, None) == (live.artefact_at(CONTENT_DIR, data_dir, None), True)
    assert live.not_yet_learnt(CONTENT_DIR, data_dir, None) is None


async def test_a_publication_counts_at_once_and_a_rollback_takes_it_back(hub: Hub) -> None:
    await publish(hub.db, NEW)
    await hub.shelf.load()
    assert hub.shelf.understander.understand(NEW).topic == TOPIC
    assert live.not_yet_learnt(CONTENT_DIR, hub.settings.data_dir, None) is not None

    starter = read_examples(CONTENT_DIR / "examples" / f"{TOPIC}.yaml").model_dump(mode="json")
    async with hub.db.transaction() as session:
        await publish_version(session, "examples", TOPIC, starter, origin="hub")
    await hub.shelf.load()
    assert hub.shelf.understander.understand(NEW).topic != TOPIC
    assert live.not_yet_learnt(CONTENT_DIR, hub.settings.data_dir, None) is None


async def test_what_is_exported_is_loaded_again_and_a_newer_file_keeps_the_towns_own(hub: Hub, tmp_path: Path) -> None:
    await publish(hub.db, NEW)
    async with hub.db.transaction() as session:
        write_content(tmp_path / "out", await export(session))
        again = read_content(tmp_path / "out")
        assert NEW in next(each for each in again.examples if each.topic == TOPIC).texts["bg"]
        assert (await load(session, again, origin="file")).published == []
        assert (await load(session, read_content(CONTENT_DIR), origin="starter")).kept == [f"examples {TOPIC}"]


async def test_learning_follows_once_it_is_quiet_and_every_process_goes_by_it(
    cluster: TestCluster, template: str, tmp_path: Path
) -> None:
    few = write_few(tmp_path / "few")
    topic = "work.wage_unpaid"
    with cluster.database() as url:
        db = await _filled(url, few)
        shelves = [Shelf(db, tmp_path / "var", content_dir=few) for _ in range(2)]
        for shelf in shelves:
            await shelf.load()
        await publish(db, NEW, topic=topic)
        for shelf in shelves:
            await shelf.load()
        first = [shelf.understander for shelf in shelves]
        assert [each.understand(NEW).topic for each in first] == [topic, topic]
        learning = [asyncio.create_task(shelf.keep_learning(quiet=0.1)) for shelf in shelves]
        try:
            async with asyncio.timeout(120):
                while live.not_yet_learnt(few, tmp_path / "var", None) or any(
                    shelf.understander is before for shelf, before in zip(shelves, first, strict=True)
                ):
                    await asyncio.sleep(0.1)
        finally:
            for task in learning:
                task.cancel()
            await asyncio.gather(*learning, return_exceptions=True)
        assert live.best_artefact(few, tmp_path / "var", None)[1]
        await db.close()


async def test_learning_that_fails_ends_nothing_and_is_tried_again_with_the_next_news(
    hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(CONTENT_DIR, tmp_path / "content")
    shelf = Shelf(hub.db, hub.settings.data_dir, content_dir=tmp_path / "content")
    await shelf.load()
    (tmp_path / "content" / "examples" / "odd.yaml").mkdir()  # as a disk that is full: what is read can't be
    learning = asyncio.create_task(shelf.keep_learning(quiet=0.01))
    async with asyncio.timeout(10):
        while not caplog.records:
            await asyncio.sleep(0.01)
    assert not learning.done(), "where a background task ends, the hub ends"
    learning.cancel()


async def _filled(url: str, folder: Path) -> Database:
    await asyncio.to_thread(migrate, url)
    db = Database(url)
    async with db.transaction() as session:
        for path in sorted((folder / "examples").glob("*.yaml")):
            examples = read_examples(path)
            await publish_version(session, "examples", path.stem, examples.model_dump(mode="json"), origin="starter")
    return db


@pytest.fixture
def two(cluster: TestCluster, template: str) -> Iterator[tuple[str, list[Serving]]]:
    """Two hosts on one database: one serves and works, the other only serves; each has a DATA_DIR of its own."""
    with cluster.database(template) as url, reachable_folder() as folder:
        hubs = []
        for name in ("one", "two"):
            borrow_training(folder / name)
            port = free_port()
            env = environment(folder / name, DATABASE_URL=url, PORT=str(port), DEMO="0")
            hubs.append(Serving(env, folder / f"{name}.log", port))
        try:
            for each in hubs:
                each.start()
            for each in hubs:
                each.wait_until_ready()
            yield url, hubs
        finally:
            for each in hubs:
                each.stop()


async def test_a_publication_reaches_running_processes_and_commands_within_seconds(
    two: tuple[str, list[Serving]],
) -> None:
    url, hubs = two
    assert [found(each, NEW) for each in hubs] == [False, False]
    db = Database(url)
    await publish(db, NEW)
    began = time.monotonic()
    async with asyncio.timeout(30):
        while not all([await asyncio.to_thread(found, each, NEW) for each in hubs]):
            await asyncio.sleep(0.1)
    took = time.monotonic() - began
    for each in hubs:
        told = streetwork(each.env, "understand", stdin=json.dumps({"id": 1, "text": NEW}) + "\n").stdout
        assert json.loads(told)["topic"] == TOPIC
        assert json.loads(told)["decision"] == "answer"
    assert took < 20  # two seconds on a machine that does nothing else
    await db.close()


def found(hub: Serving, text: str) -> bool:
    """Whether the first answer of the public search is the topic's."""
    page = httpx.post(f"{hub.base_url}{PAGE}", data={"q": text}, trust_env=False, timeout=20).text
    links = re.findall(r'href="/abc/bg/([a-z_]+\.[a-z_]+)', page)
    return links[:1] == [TOPIC]
