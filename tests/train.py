"""`python -m tests.train`: learn from the examples once, before the tests' clocks run; kept until the examples change."""

from app.content import CONTENT_DIR
from flows.understand import ensure_artefact
from tests.live import TRAINED

if __name__ == "__main__":
    ensure_artefact(CONTENT_DIR, TRAINED)
