"""How much memory and time eight directions of real size take: random weights, the shapes of the public packages.

`python -m tests.bench.translation`: makes the packages in a temporary folder and measures in this process. Says nothing about
how good translations are.
"""

import asyncio
import io
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import TransformerSpec

from tests.translations.toy_argos import pack
from translations.machine import Machine, install, installed

LAYERS, HEADS, WIDTH, INNER, VOCABULARY = 6, 8, 512, 2048, 32_000
PAIRS = [(a, b) for code in ("bg", "ro", "uk", "de") for a, b in ((code, "en"), ("en", code))]
WORDS = 25


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def resident() -> int:
    """MB of this process."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) // 1000


def build(source: str, target: str, folder: Path, chance: np.random.Generator, pieces: bytes, names: list[str]) -> Path:
    with tempfile.TemporaryDirectory() as temporary:
        _model(chance, names).save(temporary)
        files = {f"model/{path.name}": path.read_bytes() for path in Path(temporary).iterdir()}
    described = {"package_version": "0", "from_code": source, "to_code": target, "type": "translate"}
    files |= {"metadata.json": json.dumps(described).encode(), "sentencepiece.model": pieces}
    return pack(folder / f"{source}_{target}.argosmodel", {f"top/{name}": content for name, content in files.items()})


def _model(chance: np.random.Generator, names: list[str]) -> Any:
    spec = TransformerSpec.from_config((LAYERS, LAYERS), num_heads=HEADS, pre_norm=True)
    special = ["<unk>", "<s>", "</s>"]
    tokens = special + names + [f"▁x{number}" for number in range(VOCABULARY - len(names) - 3)]

    def weight(rows: int, columns: int) -> Any:
        return chance.standard_normal((rows, columns), np.float32) * np.float32(columns**-0.5)

    def linear(part: Any, rows: int, columns: int) -> None:
        part.weight, part.bias = weight(rows, columns), np.zeros(rows, np.float32)

    def norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    spec.encoder.embeddings[0].weight = weight(VOCABULARY, WIDTH)
    spec.decoder.embeddings.weight = weight(VOCABULARY, WIDTH)
    for half in (spec.encoder, spec.decoder):
        half.scale_embeddings = True
        half.position_encodings.encodings = weight(512, WIDTH)
        norm(half.layer_norm)
        for layer in half.layer:
            norm(layer.self_attention.layer_norm)
            norm(layer.ffn.layer_norm)
            linear(layer.self_attention.linear[0], 3 * WIDTH, WIDTH)
            linear(layer.self_attention.linear[1], WIDTH, WIDTH)
            linear(layer.ffn.linear_0, INNER, WIDTH)
            linear(layer.ffn.linear_1, WIDTH, INNER)
    for layer in spec.decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], WIDTH, WIDTH)
        linear(layer.attention.linear[1], 2 * WIDTH, WIDTH)
        linear(layer.attention.linear[2], WIDTH, WIDTH)
    linear(spec.decoder.projection, VOCABULARY, WIDTH)
    _end_after(spec.decoder, WORDS)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.add_source_eos = True
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = special
    spec.config.decoder_start_token = "<s>"
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def _end_after(decoder: Any, tokens: int) -> None:
    """Random weights would babble to the limit of 256 tokens: one dimension tells the place, and that it is enough."""
    decoder.position_encodings.encodings[:, 0] = np.where(np.arange(512) < tokens, 0, 1000)
    decoder.projection.weight[2] = 0
    decoder.projection.weight[2, 0], decoder.projection.bias[2] = 5, -10


def _tokens(words: list[str]) -> tuple[bytes, list[str]]:
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(words)] * 50), model_writer=made, model_type="bpe", vocab_size=500,
        hard_vocab_limit=False, num_threads=1, minloglevel=2,
    )  # fmt: skip
    reader = sentencepiece.SentencePieceProcessor(model_proto=made.getvalue())
    return made.getvalue(), [reader.id_to_piece(number) for number in range(3, reader.get_piece_size())]


def _install(folder: Path, words: list[str]) -> None:
    chance = np.random.default_rng(1)
    pieces, names = _tokens(words)
    with tempfile.TemporaryDirectory() as temporary:
        for source, target in PAIRS:
            file = build(source, target, Path(temporary), chance, pieces, names)
            install(file, folder, lambda top: None)  # trying it out would load it into this process
            file.unlink()


async def measure(folder: Path, words: list[str]) -> None:
    machine = Machine(folder, memory=10**10, seconds=600)
    sentence = " ".join(words[:WORDS])
    weights = {each.pair: each.weights / 1e6 for each in installed(folder)}
    start = before = resident()
    for source, target in PAIRS:
        at = time.perf_counter()
        await machine.translate("x", source, target)
        taken, now = time.perf_counter() - at, resident()
        say(
            f"{source}->{target}: weights {weights[f'{source}_{target}']:.0f} MB, resident +{now - before} MB, {taken:.2f} s"
        )
        before = now
    say(
        f"all {len(PAIRS)}: resident +{before - start} MB (process {before} MB), weights {sum(weights.values()):.0f} MB"
    )
    at = time.perf_counter()
    for number in range(5):
        await machine.translate(f"{sentence} {words[number]}", "bg", "en")
    say(f"one hop, {WORDS} words: {(time.perf_counter() - at) / 5 * 1000:.0f} ms")
    at = time.perf_counter()
    await asyncio.gather(*(machine.translate(f"{word} {sentence}", "bg", "de") for word in words[:20]))
    say(f"20 at once, two hops: {time.perf_counter() - at:.1f} s, process {resident()} MB")
    machine.close()


def main() -> None:
    chance = random.Random(1)
    words = sorted({"".join(chance.choice("абвгдежзиклмнопрст") for _ in range(5)) for _ in range(60)})
    with tempfile.TemporaryDirectory() as name:
        _install(Path(name), words)
        asyncio.run(measure(Path(name), words))


if __name__ == "__main__":
    main()
