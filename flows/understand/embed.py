"""The optional plug-in: sentence embeddings by an encoder that the operator supplies in a folder; off by default.

The folder holds a CTranslate2 encoder (`model.bin`, `config.json`, a vocabulary) and its tokenizer
(`sentencepiece.bpe.model`), as XLM-R models such as multilingual-e5 have them. Nothing is downloaded. Understanding then takes
about 10 ms a message instead of one.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from flows.understand.features import Floats

MODEL, TOKENIZER = "model.bin", "sentencepiece.bpe.model"
_LONGEST = 256  # tokens that are read
_BATCH = 32


class BadEmbeddings(ValueError):
    """The folder can't be used; the message says what is missing."""


class Embedder:
    def __init__(self, folder: Path) -> None:
        """Raises BadEmbeddings."""
        for name in (MODEL, TOKENIZER):
            if not (folder / name).is_file():
                raise BadEmbeddings(f"no {name} in {folder}: a CTranslate2 encoder with its tokenizer is needed")
        import ctranslate2  # noqa: PLC0415 - 100 MB that only towns with a model pay for
        import sentencepiece  # noqa: PLC0415

        try:
            self._tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(folder / TOKENIZER))
            self._encoder = ctranslate2.Encoder(str(folder), intra_threads=1)
        except (RuntimeError, OSError) as error:
            raise BadEmbeddings(f"the encoder in {folder} can't be loaded: {error}") from error

    def embed(self, texts: Sequence[str]) -> Floats:
        """(texts x dimensions), each of length 1: the mean over a text's tokens."""
        found = [self._batch(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(found)

    def _batch(self, texts: Sequence[str]) -> Floats:
        tokens = [["<s>", *self._tokenizer.encode(text, out_type=str)[:_LONGEST], "</s>"] for text in texts]
        hidden = np.array(self._encoder.forward_batch(tokens).last_hidden_state, dtype=np.float32)
        means = np.array([row[: len(each)].mean(axis=0) for row, each in zip(hidden, tokens, strict=True)])
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / np.maximum(lengths, 1e-9), dtype=np.float32)


def fingerprint(folder: Path) -> str:
    """Changes with the model; "" where the folder holds none."""
    if not (folder / MODEL).is_file():
        return ""
    with (folder / MODEL).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
