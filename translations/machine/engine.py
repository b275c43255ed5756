"""Texts through warm models in worker threads: routes over English, a memory limit, a time limit, and a cache of sentences."""

import asyncio
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from translations.kept import Way, is_latin
from translations.machine.argos import Model
from translations.machine.packages import Installed, installed
from translations.machine.sentences import cut, fits, pieces_of
from translations.protect import translate_kept

log = logging.getLogger(__name__)

PIVOT = "en"  # the public packages know each language to and from English only
THREADS = 2
SENTENCES_KEPT = 5000  # about 2 MB
MEMORY_OF_FILE = 1.15  # resident bytes of a loaded model, to those of its weights; long texts take more meanwhile
_UNSEEN = re.compile(
    "[\0-\x08\x0e-\x1f\x7f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
"""Nothing to read, but enough to hide a word from a model or the half of a number from us."""


class NoRoute(LookupError):
    """No packages lead from one language to the other; `missing`: the pairs that would."""

    def __init__(self, source: str, target: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(f"There are no translation packages from {source} to {target}. Missing: {', '.join(missing)}.")
        self.source, self.target, self.missing = source, target, missing


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
        way = Way(source, target, tuple(names), is_latin(text, source))
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._steady, text, hops, way)

    def loaded(self) -> list[Installed]:
        """Whose weights are in memory now, the least used first."""
        with self._lock:
            return list(self._models)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hops(self, source: str, target: str) -> tuple[Installed, ...]:
        pairs = {each.pair: each for each in installed(self._folder)}
        lacking = missing(source, target, pairs)
        if lacking:
            raise NoRoute(source, target, lacking)
        return tuple(pairs[pair] for pair in way_of(source, target, pairs))

    def _steady(self, text: str, hops: tuple[Installed, ...], way: Way) -> Translated:
        """Once more where a package was exchanged between looking for it and loading it. The time starts when its turn comes."""
        until = time.monotonic() + self._seconds
        try:
            return self._text(text, hops, way, until)
        except TooSlow:
            raise
        except Exception:
            newer = self._hops(way.source, way.target)
            if newer == hops:
                raise
        return self._text(text, newer, way, until)

    def _text(self, text: str, hops: tuple[Installed, ...], way: Way, until: float) -> Translated:
        done: list[str] = []
        untouched: list[str] = []
        for piece in pieces_of(_UNSEEN.sub("", text)):
            said = self._sentence(piece.text, hops, way, until) if piece.spoken else piece.text
            if said is None:
                untouched.append(piece.text)
            done.append(piece.text if said is None else said)
        return Translated("".join(done), (way.source, *(hop.target for hop in hops)), tuple(untouched))

    def _sentence(self, sentence: str, hops: tuple[Installed, ...], way: Way, until: float) -> str | None:
        return translate_kept(
            sentence,
            way,
            lambda words: self._through(words, hops, until),
            lambda marked: cut(marked, self._model(hops[0]).pieces),
        )

    def _through(self, words: str, hops: tuple[Installed, ...], until: float) -> str:
        """Empty where a model can't take it, or has nothing to say."""
        for hop in hops:
            said = [self._one(part, hop, until) for part in cut(words, self._model(hop).pieces)]
            if not all(said):
                return ""
            words = " ".join(said)
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
            return ""
        said = model.translate(sentence).strip()
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
            model = Model(hop.place(self._folder))
            model.translate("1")  # loads the weights
            log.info("translation model %s %s loaded", hop.pair, hop.version)
            with self._lock:
                self._models[hop] = model
                self._make_room(hop)
            return model

    def _make_room(self, newest: Installed) -> None:
        """A thread that is at work keeps its own reference to a model until it is done."""
        for replaced in [hop for hop in self._models if hop.pair == newest.pair and hop != newest]:
            del self._models[replaced], self._loading[replaced]
        while len(self._models) > 1 and memory_of(self._models) > self._memory:
            hop, _ = self._models.popitem(last=False)
            log.info("translation model %s unloaded, to make room", hop.pair)


def memory_of(models: Iterable[Installed]) -> int:
    """Bytes that they take when they are loaded."""
    return int(sum(each.weights for each in models) * MEMORY_OF_FILE)


def way_of(source: str, target: str, pairs: Container[str]) -> tuple[str, ...]:
    """The pairs on the way: the direct one where it is there, or else over English."""
    direct = f"{source}_{target}"
    if direct in pairs or PIVOT in (source, target):
        return (direct,)
    return f"{source}_{PIVOT}", f"{PIVOT}_{target}"


def missing(source: str, target: str, pairs: Container[str]) -> tuple[str, ...]:
    """The pairs that would have to be installed."""
    return tuple(pair for pair in way_of(source, target, pairs) if pair not in pairs)
