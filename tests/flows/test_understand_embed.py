"""The plug-in: a real encoder by path is one more score in the same fusion; without one nothing changes."""

from pathlib import Path

import numpy as np
import pytest

from flows.understand import BadEmbeddings, Understander, ensure_artefact, read_corpus
from flows.understand.artefact import load
from flows.understand.embed import MODEL, TOKENIZER, Embedder
from tests.flows.few import few, write_few
from tests.flows.tiny_encoder import DIMENSIONS, build_encoder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [text for text, _, _ in few(read_corpus()).rows()]
    return build_encoder(tmp_path_factory.mktemp("encoder") / "tiny", texts)


def test_texts_that_share_words_are_alike(encoder: Path) -> None:
    first, like, other = Embedder(encoder).embed(
        ["шефът не ми плаща заплатата", "не ми плаща заплатата шефът от март", "търся квартира за четирима"]
    )

    assert first.shape == (DIMENSIONS,)
    assert np.allclose(np.linalg.norm([first, like, other], axis=1), 1, atol=1e-3)
    assert first @ like > first @ other


def test_an_artefact_with_an_encoder_is_another_one(encoder: Path, tmp_path: Path) -> None:
    content = write_few(tmp_path / "content")

    plain, richer = ensure_artefact(content, tmp_path), ensure_artefact(content, tmp_path, encoder)

    assert plain != richer
    assert "centres" not in load(plain)[0]
    arrays, _ = load(richer)
    assert arrays["centres"].shape == (5, DIMENSIONS)
    assert len(arrays["fusion"]) == 4
    assert Understander.load(plain).understand("шефът не ми плаща заплатата").candidates[0].topic == "work.wage_unpaid"
    read = Understander.load(richer, encoder).understand("шефът не ми плаща заплатата")
    assert read.candidates[0].topic == "work.wage_unpaid"


def test_a_folder_without_encoder_is_refused_in_plain_words(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadEmbeddings, match=MODEL):
        Embedder(tmp_path)
    (tmp_path / MODEL).write_bytes(b"no model")
    with pytest.raises(BadEmbeddings, match="tokenizer"):
        Embedder(tmp_path)
    (tmp_path / TOKENIZER).write_bytes((encoder / TOKENIZER).read_bytes())
    with pytest.raises(BadEmbeddings, match="can't be loaded"):
        Embedder(tmp_path)
