"""Texts through warm models in worker threads: routes over English, a memory limit, a time limit, and a cache of sentences."""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from translations.machine.argos import Model
from translations.machine.packages import Installed, installed
from translations.machine.sentences import cut, fits, pieces_of
from translations.protect import translate_kept
from translations.script import script_of, to_cyrillic

PIVOT = "en"  # the public packages know each language to and from English only
THREADS = 2
SENTENCES_KEPT = 5000  # about 2 MB
MEMORY_OF_FILE = 1.15  # resident bytes of a loaded model, to those of its folder (measured: tests/bench/translation.py)


class NoRoute(LookupError):
    """No packages lead from one language to the other; `source` and `target` say which are missing."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"no translation packages from {source} to {target}")
        self.source, self.target = source, target


class TooSlow(TimeoutError):
    """The time limit ran out; the message has no text in it."""


@dataclass(frozen=True, slots=True)
class Translated:
    """`route`: the languages passed through, both ends included; `untouched`: sentences that stay in the original, because the
    machine would have damaged them."""

    text: str
    route: tuple[str, ...]
    untouched: tuple[str, ...] = ()


class Machine:
    """One per process; safe to use from many tasks. Sees packages that come and go at once."""

    def __init__(self, folder: Path, *, memory: int = 1_000_000_000, seconds: float = 20) -> None:
        """`memory`: bytes that loaded models may take together; `seconds`: for one text."""
        self._folder, self._memory, self._seconds = folder, memory, seconds
        self._threads = ThreadPoolExecutor(THREADS, "translate")
        self._lock = threading.Lock()
        self._models: OrderedDict[Installed, Model] = OrderedDict()  # the least used first
        self._loading: dict[Installed, threading.Lock] = {}
        self._sentences: OrderedDict[tuple[Installed, str], str] = OrderedDict()

    def route(self, source: str, target: str) -> tuple[str, ...]:
        """The languages on the way. Raises NoRoute."""
        return tuple([hop.source for hop in self._hops(source, target)] + [target])

    async def translate(self, text: str, source: str, target: str, names: Sequence[str] = ()) -> Translated:
        """`names`: words that stay as they are. Raises NoRoute, TooSlow."""
        hops = self._hops(source, target)
        until = time.monotonic() + self._seconds
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._text, text, hops, tuple(names), until)
        return await work

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hops(self, source: str, target: str) -> tuple[Installed, ...]:
        pairs = {(each.source, each.target): each for each in installed(self._folder)}
        if direct := pairs.get((source, target)):
            return (direct,)
        first, second = pairs.get((source, PIVOT)), pairs.get((PIVOT, target))
        if first is None or second is None:
            raise NoRoute(source, target)
        return first, second

    def _text(self, text: str, hops: tuple[Installed, ...], names: tuple[str, ...], until: float) -> Translated:
        source, _target = hops[0].source, hops[-1].target
        done: list[str] = []
        untouched: list[str] = []
        for piece in pieces_of(_readable(text, source)):
            if not piece.spoken:
                done.append(piece.text)
                continue
            said = self._sentence(piece.text, hops, names, until)
            if said is None:
                untouched.append(piece.text)
            done.append(piece.text if said is None else said)
        return Translated("".join(done), (source, *(hop.target for hop in hops)), tuple(untouched))

    def _sentence(self, sentence: str, hops: tuple[Installed, ...], names: tuple[str, ...], until: float) -> str | None:
        source, target = hops[0].source, hops[-1].target
        said = []
        for part in cut(sentence, self._model(hops[0]).pieces):
            one = translate_kept(part, source, target, lambda words: self._through(words, hops, until), names)
            if one is None:
                return None
            said.append(one)
        return " ".join(said)

    def _through(self, words: str, hops: tuple[Installed, ...], until: float) -> str:
        for hop in hops:
            words = " ".join(self._one(part, hop, until) for part in cut(words, self._model(hop).pieces))
        return words

    def _one(self, sentence: str, hop: Installed, until: float) -> str:
        if time.monotonic() > until:
            raise TooSlow
        with self._lock:
            if known := self._sentences.get((hop, sentence)):
                self._sentences.move_to_end((hop, sentence))
                return known
        model = self._model(hop)
        if not fits(sentence, model.pieces):
            return ""  # a "word" of hundreds of letters, which would come back cut off
        said = model.translate(sentence)
        with self._lock:
            self._sentences[hop, sentence] = said
            while len(self._sentences) > SENTENCES_KEPT:
                self._sentences.popitem(last=False)
        return said

    def _model(self, hop: Installed) -> Model:
        """Loaded once even where many ask at the same time; others give way where memory runs out."""
        with self._lock:
            if found := self._models.get(hop):
                self._models.move_to_end(hop)
                return found
            loading = self._loading.setdefault(hop, threading.Lock())
        with loading:
            with self._lock:
                if found := self._models.get(hop):
                    return found
            model = Model(self._folder / hop.pair)
            model.translate("1")  # loads the weights
            with self._lock:
                self._models[hop] = model
                self._make_room()
            return model

    def _make_room(self) -> None:
        while len(self._models) > 1 and sum(hop.size for hop in self._models) * MEMORY_OF_FILE > self._memory:
            _, model = self._models.popitem(last=False)
            model.unload()


def _readable(text: str, source: str) -> str:
    """Latin-script Bulgarian and Ukrainian in Cyrillic: models have read nothing else."""
    return to_cyrillic(text, source) if script_of(text) == "Latn" else text
