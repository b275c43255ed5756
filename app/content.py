"""The live content in memory: what `app.publishing` published, and the understanding trained from it."""

import asyncio
import functools
import logging
from pathlib import Path

import sqlalchemy as sa

from app.db import Database
from app.errors import BadInput
from app.models import ContentVersion
from flows.library import Library
from flows.terms import GlossaryTerm
from flows.understand import BadEmbeddings, Understander, ensure_artefact
from translations import glossary

log = logging.getLogger(__name__)

CONTENT_DIR = (Path(__file__).parent.parent / "flows" / "content").resolve()


class Shelf:
    """`library` and `understander` are replaced as wholes, never changed: a reader keeps the one it took."""

    def __init__(
        self, db: Database, data_dir: Path, *, content_dir: Path = CONTENT_DIR, encoder: Path | None = None
    ) -> None:
        self._db = db
        self._data_dir = data_dir
        self._content_dir = content_dir
        self._encoder = encoder
        self.library = Library.empty()
        self._understander: Understander | None = None

    @property
    def understander(self) -> Understander:
        assert self._understander is not None, "Shelf.load() has not run"
        return self._understander

    async def load(self) -> None:
        """Read the current versions and load (or train, in a subprocess) the understanding."""
        async with self._db.transaction() as session:
            rows = (await session.scalars(sa.select(ContentVersion).where(ContentVersion.current))).all()
        self.library = Library.from_data((row.kind, row.key, row.version, row.data) for row in rows)
        terms = [GlossaryTerm.model_validate(row.data) for row in rows if row.kind == "term"]
        glossary.use(glossary.Term(term.de, term.bg, term.ro, term.uk, term.en) for term in terms if not term.deleted)
        self._understander = await asyncio.to_thread(understanding, self._content_dir, self._data_dir, self._encoder)


def understanding(content_dir: Path, data_dir: Path, encoder: Path | None) -> Understander:
    """Trained first where content is new. Raises BadInput where the operator's encoder can't be used."""
    try:
        return _understander(ensure_artefact(content_dir, data_dir, encoder).resolve(), encoder)
    except BadEmbeddings as error:
        raise BadInput(
            "STREETWORK_EMBEDDINGS_DIR can't be used: {why}. Mend it, or leave it empty: the hub understands without it.",
            why=error,
        ) from error


@functools.lru_cache(maxsize=1)
def _understander(artefact: Path, encoder: Path | None) -> Understander:
    """Loading takes seconds of work, and an artefact never changes: it is named by the hash of its content."""
    return Understander.load(artefact, encoder)
