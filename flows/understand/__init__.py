"""Text in, `Understanding` out, with the reasons. Pure: arrays and lists are loaded once, nothing is asked of the network.

The router calls `ensure_artefact` (trains when content changed), `Understander.load` and `understand`; intake calls
`sounds_urgent`.
"""

from flows.understand.artefact import TrainingFailed, ensure_artefact
from flows.understand.corpus import CONTENT_DIR, ContentError, Corpus, content_hash, read_corpus
from flows.understand.decide import Understander
from flows.understand.embed import BadEmbeddings
from flows.understand.outcome import Candidate, Context, Decision, Understanding

__all__ = [
    "CONTENT_DIR", "BadEmbeddings", "Candidate", "ContentError", "Context", "Corpus", "Decision", "TrainingFailed",
    "Understander", "Understanding", "content_hash", "ensure_artefact", "read_corpus",
]  # fmt: skip
