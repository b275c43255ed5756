"""Fixtures that several rooms share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app import auth
from app.hub import Hub
from tests.live import Live, LiveServer, make_template, open_test_hub
from tests.phones import Phones, open_phones
from tests.postgres import TestCluster, reachable_folder
from tests.serving import borrow_training, environment
from tests.stage import Stage, open_stage
from tests.translations import toy_argos
from translations.machine import install, try_out


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """The same hashing at its lowest cost: a street has three people, and theirs would take longer than most tests."""
    usual = auth._HASHER
    auth._HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    auth._dummy_hash.cache_clear()
    yield
    auth._HASHER = usual


@pytest.fixture
def reachable_tmp() -> Iterator[Path]:
    """Like `tmp_path`, but under root other users can enter it too, the database's among them."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def toy_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By pair: real Argos packages of a few words, for bg, ro, uk and de, each to and from English."""
    folder = tmp_path_factory.mktemp("toys")
    return {f"{source}_{target}": toy_argos.build(source, target, folder) for source, target in toy_argos.PAIRS}


@pytest.fixture(scope="session")
def toy_packages(toy_files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of them installed, only to be read: copy it (to `hub.settings.packages_dir`) to change it."""
    folder = tmp_path_factory.mktemp("packages")
    for file in toy_files.values():
        install(file, folder, try_out)
    return folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[TestCluster]:
    """One server for the whole run (for each worker of xdist); databases in it cost some ten milliseconds."""
    with TestCluster() as running:
        yield running


@pytest.fixture(scope="session")
def template(cluster: TestCluster) -> str:
    """Name of a migrated database with the starter content, to make others from."""
    return make_template(cluster)


@pytest.fixture
def commands(cluster: TestCluster, template: str, reachable_tmp: Path) -> Iterator[dict[str, str]]:
    """The environment of `streetwork` commands on a database that has its content: none must start or fill one first."""
    borrow_training(reachable_tmp / "var")
    with cluster.database(template) as url:
        yield environment(reachable_tmp / "var", DATABASE_URL=url)


@pytest.fixture
async def hub(cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub on a fresh database with the starter content, without a server or workers."""
    with cluster.database(template) as url:
        async with open_test_hub(url, tmp_path) as opened:
            yield opened


@pytest.fixture
async def stage(cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A hub with the double of Telegram; it works when the test says so, and its clock is the test's."""
    with cluster.database(template) as url:
        async with open_stage(url, tmp_path) as opened:
            yield opened


@pytest.fixture
async def phones(cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Phones]:
    """A hub that serves, with the doubles of Twilio and Meta; it works when the test says so."""
    with cluster.database(template) as url:
        async with open_phones(url, tmp_path) as opened:
            yield opened


@pytest.fixture
async def live(cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Live]:
    """A hub that really serves on loopback, with its workers."""
    with cluster.database(template) as url:
        async with open_test_hub(url, tmp_path) as opened, LiveServer(opened) as running:
            yield running
