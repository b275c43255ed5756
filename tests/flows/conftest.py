"""One trained artefact for all tests of understanding: training takes seconds, so it happens once a session."""

from pathlib import Path

import pytest

from flows.understand import CONTENT_DIR, Understander, ensure_artefact
from tests.live import TRAINED


@pytest.fixture(scope="session")
def artefact() -> Path:
    return ensure_artefact(CONTENT_DIR, TRAINED)


@pytest.fixture(scope="session")
def understander(artefact: Path) -> Understander:
    return Understander.load(artefact)
