"""Real, tiny Argos packages without training: hand-written weights that translate word by word and copy what they don't know.

A one-layer Transformer whose decoder step t attends, by one-hot positions, to the source's piece t and says its entry of a
dictionary. Needs what argostranslate needs and numpy; made in a tenth of a second, the same bytes every time.
"""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import TransformerSpec

LANGUAGES = ("bg", "ro", "uk", "en", "de")
PAIRS = tuple((code, "en") for code in LANGUAGES if code != "en") + tuple(
    ("en", code) for code in LANGUAGES if code != "en"
)
WORDS = [
    row.split("|")
    for row in """шефът|șeful|начальник|boss|Chef
не|nu|не|not|nicht
плаща|plătește|платить|pays|zahlt
заплата|salariu|зарплата|wage|Lohn
договор|contract|договір|contract|Vertrag
имам|am|маю|have|habe
квартира|locuință|квартира|flat|Wohnung
пари|bani|гроші|money|Geld
лекар|medic|лікар|doctor|Arzt
дете|copil|дитина|child|Kind
утре|mâine|завтра|tomorrow|morgen
помощ|ajutor|допомога|help|Hilfe
работа|muncă|робота|work|Arbeit
къде|unde|де|where|wo
и|și|і|and|und
за|pentru|для|for|für
болен|bolnav|хворий|sick|krank""".splitlines()
]
_LETTERS = "абвгдежзийклмнопрстуфхцчшщъьюяіїєґыэabcdefghijklmnopqrstuvwxyzäöüßăâîșțşţ"
_CHARS = _LETTERS + _LETTERS.upper() + "0123456789.,!?:;-/()@€%+_'\"#&="
_POSITIONS = 256
_SPECIAL = ["<unk>", "<s>", "</s>"]


def build(source: str, target: str, folder: Path, version: str = "0.1", **metadata: object) -> Path:
    """The package's file."""
    spoken, said = (LANGUAGES.index(code) for code in (source, target))
    pieces = _sentencepiece([row[spoken] for row in WORDS])
    described = {"package_version": version, "from_code": source, "to_code": target, "type": "translate"} | metadata
    with tempfile.TemporaryDirectory() as temporary:
        _model(pieces, {row[spoken]: row[said] for row in WORDS}).save(temporary)
        files = {f"model/{path.name}": path.read_bytes() for path in sorted(Path(temporary).iterdir())}
    top = f"translate-{source}_{target}-{version.replace('.', '_')}"
    files |= {"metadata.json": json.dumps(described).encode(), "sentencepiece.model": pieces}
    return pack(folder / f"{top}.argosmodel", {f"{top}/{name}": content for name, content in files.items()})


def pack(file: Path, files: dict[str, bytes]) -> Path:
    """A zip with fixed dates."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return file


def _sentencepiece(words: list[str]) -> bytes:
    """Each word is one piece, and every character is covered."""
    size = len(set(_CHARS)) + sum(len(word) + 2 for word in words) + 50
    while True:  # it refuses a vocabulary that it can't fill
        made = io.BytesIO()  # a file's name would become a part of the model
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter([" ".join(words)] * 400 + [" ".join(_CHARS)] * 2),
                model_writer=made, model_type="bpe", vocab_size=size, character_coverage=1.0, hard_vocab_limit=False,
                split_by_unicode_script=True, split_digits=True, required_chars="".join(sorted(set(_CHARS))),
                normalization_rule_name="identity", num_threads=1, minloglevel=2,
            )  # fmt: skip
        except RuntimeError:
            size -= 4
        else:
            return made.getvalue()


def _model(pieces: bytes, dictionary: dict[str, str]) -> Any:
    reader = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    known = (reader.id_to_piece(number) for number in range(reader.get_piece_size()))
    heard = _SPECIAL + [piece for piece in known if piece not in _SPECIAL]
    says = {f"▁{word}": f"▁{other}" for word, other in dictionary.items()}
    saying = _SPECIAL + sorted({says.get(piece, piece) for piece in heard[3:]})
    spec = TransformerSpec.from_config((1, 1), num_heads=1, pre_norm=True)
    _fill(spec, heard, saying, says)
    spec.register_source_vocabulary(heard)
    spec.register_target_vocabulary(saying)
    spec.config.add_source_eos = True
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = _SPECIAL
    spec.config.decoder_start_token = "<s>"
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def _fill(spec: Any, heard: list[str], saying: list[str], says: dict[str, str]) -> None:
    """The width is one dimension per piece, then one per position."""
    words, width = len(heard), len(heard) + _POSITIONS
    eye = np.eye(width, dtype=np.float32)
    of_word, of_place = eye * (np.arange(width) < words), eye * (np.arange(width) >= words) * 2
    place = {piece: number for number, piece in enumerate(saying)}
    projection = _zeros(len(saying), width)
    for number, piece in enumerate(heard):
        projection[place[says.get(piece, piece)], number] = 1
    encoder, decoder = spec.encoder, spec.decoder
    encoder.scale_embeddings = decoder.scale_embeddings = False
    encoder.embeddings[0].weight, decoder.embeddings.weight = eye[:words], _zeros(len(saying), width)
    encoder.position_encodings.encodings = decoder.position_encodings.encodings = eye[words:]
    for layer in (encoder.layer[0], decoder.layer[0]):
        for part, shapes in (
            (layer.self_attention.linear, ((3 * width, width), (width, width))),
            ((layer.ffn.linear_0, layer.ffn.linear_1), ((8, width), (width, 8))),
        ):
            for linear, shape in zip(part, shapes, strict=True):
                _linear(linear, _zeros(*shape))  # adds nothing
        for norm in (layer.self_attention.layer_norm, layer.ffn.layer_norm):
            _norm(norm, width)
    attention = decoder.layer[0].attention
    for norm in (attention.layer_norm, encoder.layer_norm, decoder.layer_norm):
        _norm(norm, width)
    _linear(attention.linear[0], of_place)  # asks: what stands in my place?
    _linear(attention.linear[1], np.concatenate([of_place, of_word]))
    _linear(attention.linear[2], eye)
    _linear(decoder.projection, projection)


def _zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


def _norm(norm: Any, width: int) -> None:
    norm.gamma, norm.beta = np.ones(width, np.float32), _zeros(width)


def _linear(linear: Any, weight: Any) -> None:
    linear.weight, linear.bias = weight, _zeros(weight.shape[0])
