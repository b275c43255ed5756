"""One trained artefact for all tests of understanding: training takes seconds, so it happens once a session."""

from pathlib import Path

import pytest

from flows.understand import CONTENT_DIR, Understander, ensure_artefact


@pytest.fixture(scope="session")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_artefact(CONTENT_DIR, tmp_path_factory.mktemp("understand"))


@pytest.fixture(scope="session")
def understander(artefact: Path) -> Understander:
    return Understander.load(artefact)
