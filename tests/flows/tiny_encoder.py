"""A real CTranslate2 encoder with a real sentencepiece tokenizer, two layers of numbers small: what an operator would supply."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import sentencepiece
from ctranslate2.specs import transformer_spec

from flows.understand.embed import TOKENIZER

DIMENSIONS = 32
_LONGEST = 64


def build_encoder(folder: Path, texts: Iterable[str]) -> Path:
    """Words get random vectors and attention does nothing: texts that share words are alike, as in a trained encoder."""
    folder.mkdir()
    pieces = _train_tokenizer(folder, texts)
    numbers = np.random.default_rng(7)
    spec = transformer_spec.TransformerEncoderModelSpec(transformer_spec.TransformerEncoderSpec(1, 2, pre_norm=True))
    encoder = spec.encoder
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = numbers.normal(size=(len(pieces), DIMENSIONS)).astype(np.float32)
    encoder.position_encodings.encodings = np.zeros((_LONGEST * 8, DIMENSIONS), np.float32)
    layer = encoder.layer[0]
    for norm in (layer.self_attention.layer_norm, layer.ffn.layer_norm, encoder.layer_norm):
        norm.gamma, norm.beta = np.ones(DIMENSIONS, np.float32), np.zeros(DIMENSIONS, np.float32)
    for linear, (rows, columns) in (
        (layer.self_attention.linear[0], (3 * DIMENSIONS, DIMENSIONS)),
        (layer.self_attention.linear[1], (DIMENSIONS, DIMENSIONS)),
        (layer.ffn.linear_0, (8, DIMENSIONS)),
        (layer.ffn.linear_1, (DIMENSIONS, 8)),
    ):
        linear.weight, linear.bias = np.zeros((rows, columns), np.float32), np.zeros(rows, np.float32)
    spec.register_vocabulary(pieces)
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = "<unk>", "<s>", "</s>"
    spec.validate()
    spec.save(str(folder))
    return folder


def _train_tokenizer(folder: Path, texts: Iterable[str]) -> list[str]:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(list(texts)), model_writer=model, vocab_size=400, hard_vocab_limit=False, minloglevel=2
    )
    (folder / TOKENIZER).write_bytes(model.getvalue())
    tokenizer = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [tokenizer.id_to_piece(number) for number in range(tokenizer.get_piece_size())]
