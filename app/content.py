"""The live content in memory: what `app.publishing` published, and the understanding trained from it."""

import asyncio
import contextlib
import functools
import logging
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from app.db import Database
from app.errors import BadInput
from app.pieces import live_pieces
from flows.library import MODELS, Library
from flows.load import EXAMPLES, read_examples
from flows.terms import GlossaryTerm
from flows.understand import BadEmbeddings, Understander, content_hash, live
from translations import glossary

log = logging.getLogger(__name__)

CONTENT_DIR = (Path(__file__).parent.parent / "flows" / "content").resolve()
QUIET_SECONDS = 60.0  # without a publication, before learning begins: coordinators publish several things in a row


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
        self._loading = asyncio.Lock()
        self._news = asyncio.Event()

    @property
    def understander(self) -> Understander:
        assert self._understander is not None, "Shelf.load() has not run"
        return self._understander

    async def load(self) -> None:
        """Read the current versions and go by them at once; who has no database finds the examples in `flows.understand.live`.

        Where nothing was ever learnt on this host, it is learnt now, in a subprocess.
        """
        async with self._loading:
            async with _alone(self._data_dir):
                async with self._db.transaction() as session:
                    pieces = await live_pieces(session)
                self.library = Library.of(piece for piece in pieces if piece[0] in MODELS)
                await asyncio.to_thread(_keep_examples, self._content_dir, self._data_dir, self.library)
            terms = [piece for _, _, _, piece in pieces if isinstance(piece, GlossaryTerm)]
            glossary.use(
                glossary.Term(term.de, term.bg, term.ro, term.uk, term.en) for term in terms if not term.deleted
            )
            self._understander = await asyncio.to_thread(
                understanding, self._content_dir, self._data_dir, self._encoder
            )
            self._news.set()

    async def keep_learning(self, quiet: float = QUIET_SECONDS) -> None:
        """For ever, beside whatever serves: learn from what went live in a process of its own, then go by that.

        What goes wrong ends nothing: the hub goes on with what it knows, and with the next news it is tried again.
        """
        while True:
            await self._news.wait()
            while self._news.is_set():
                self._news.clear()
                await asyncio.sleep(quiet)
            try:
                await self._learn_news()
            except Exception:
                log.exception("learning from the published examples failed; they count as near matches only")

    async def _learn_news(self) -> None:
        folder = await asyncio.to_thread(live.not_yet_learnt, self._content_dir, self._data_dir, self._encoder)
        if folder is not None and await _learn(live.learning_command(folder, self._data_dir, self._encoder)):
            await self.load()


def understanding(content_dir: Path, data_dir: Path, encoder: Path | None) -> Understander:
    """Of the examples that are live. Trained first where nothing was; raises BadInput where the encoder can't be used."""
    try:
        path, exact = live.best_artefact(content_dir, data_dir, encoder)
        found = _understander(path.resolve(), encoder)
    except BadEmbeddings as error:
        raise BadInput(
            "STREETWORK_EMBEDDINGS_DIR can't be used: {why}. Mend it, or leave it empty: the hub understands without it.",
            why=error,
        ) from error
    return found if exact else found.following(live.rows_of(live.folder_in_force(content_dir, data_dir)))


@functools.lru_cache(maxsize=1)
def _understander(artefact: Path, encoder: Path | None) -> Understander:
    """Loading takes seconds of work, and an artefact never changes: it is named by the hash of its content."""
    return Understander.load(artefact, encoder)


@contextlib.asynccontextmanager
async def _alone(data_dir: Path) -> AsyncIterator[None]:
    """`live.locked` without holding up everybody else in this process."""
    with contextlib.ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, live.locked(data_dir))
        yield


def _keep_examples(content_dir: Path, data_dir: Path, library: Library) -> None:
    """A topic of the starter content that was never loaded is understood as its file says."""
    starter = _starter_digests(content_dir, content_hash(content_dir))
    if all(starter.get(topic) == each.digest for topic, each in library.examples.items()):
        live.keep(data_dir, None)
        return
    missing = {
        topic: read_examples(content_dir / EXAMPLES / f"{topic}.yaml") for topic in starter.keys() - library.examples
    }
    everything = {**missing, **library.examples}
    live.keep(data_dir, {topic: everything[topic].model_dump(mode="json")["texts"] for topic in sorted(everything)})


@functools.lru_cache(maxsize=1)
def _starter_digests(content_dir: Path, content: str) -> dict[str, str]:
    """Of each topic's file; `content` is what they stand for, so that changed files are read again."""
    return {path.stem: read_examples(path).digest for path in sorted((content_dir / EXAMPLES).glob("*.yaml"))}


async def _learn(command: list[str]) -> bool:
    """Whether it succeeded; what was published counts through the light layer in any case."""
    root = str(Path(__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)}
    process = await asyncio.create_subprocess_exec(
        *command, env=env, start_new_session=True, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # and the trainer that it started
        raise
    if code:
        log.error("learning from the published examples ended with %s; they count as near matches only", code)
    return code == 0
