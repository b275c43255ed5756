"""Files in, content out, and back to the same files; who wrote a file is told what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.load import BadContent, read_content, write_content
from flows.understand import CONTENT_DIR

PLACE = "- {slug: town, names: {bg: Град}}\n"


def folder(path: Path, **files: str) -> Path:
    (path / "entries").mkdir()
    (path / "places.yaml").write_text(PLACE, encoding="utf-8")
    for name, text in files.items():
        (path / (name.replace("__", "/") + ".yaml")).write_text(text, encoding="utf-8")
    return path


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    content = read_content(CONTENT_DIR)
    pieces: list[tuple[str, str, dict[str, Any]]] = []
    pieces += [("entry", e.topic, e.model_dump(mode="json")) for e in content.entries]
    pieces += [("figure", f.key, f.model_dump(mode="json")) for f in content.figures]
    pieces += [("place", p.slug, p.model_dump(mode="json")) for p in content.places]
    pieces += [("transcript", t.name, t.model_dump(mode="json")) for t in content.transcripts]
    write_content(tmp_path / "out", pieces)
    again = read_content(tmp_path / "out")
    assert again.transcripts == content.transcripts
    assert again.entries == content.entries
    assert sorted(again.figures, key=lambda f: f.key) == sorted(content.figures, key=lambda f: f.key)
    assert sorted(again.places, key=lambda p: p.slug) == sorted(content.places, key=lambda p: p.slug)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"places": "slug: town"}, "places.yaml: a list is expected"),
        ({"places": "- {slug: Town, names: {}}"}, "places.yaml: slug"),
        ({"places": "- [unclosed"}, "not readable as YAML"),
        ({"figures": "- {key: x, unit: eur, values: []}"}, "figures.yaml: values"),
        ({"entries__work.other": "topic: work.wage_unpaid"}, "work.other.yaml"),
        ({"entries__work.other": "topic: work.other\nmisspelt: 1"}, "misspelt"),
    ],
)
def test_errors_name_file_and_field(tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(BadContent) as error:
        read_content(folder(tmp_path, **files))
    assert words in str(error.value)


def test_a_topic_must_be_its_file_s_name(tmp_path: Path) -> None:
    entry = yaml.safe_load((CONTENT_DIR / "entries" / "work.dismissal.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(entry, allow_unicode=True)
    with pytest.raises(BadContent, match=r"the topic inside is work\.dismissal"):
        read_content(folder(tmp_path, **{"entries__work.other": text}))


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadContent, match="is it a content folder"):
        read_content(tmp_path)
