"""A flow's texts in a spreadsheet: what looks like a sum stays a text, there and back."""

import csv
import io

import pytest

from app.editor.flow_texts import from_csv, rows, take, to_csv


@pytest.mark.parametrize("text", ["- Ausweis\n- Vertrag", "=1+1", "@alle", "+49 3443 1", "'- so", "'so'", "so"])
def test_a_text_that_a_spreadsheet_would_reckon_with_comes_back_as_it_was(text: str) -> None:
    data = {"flow": "papers", "start": "a", "nodes": {"a": {"kind": "say", "text": {"de": text, "ro": "x"}}}}
    out = to_csv(data, {})
    cells = [cell for line in csv.reader(io.StringIO(out), delimiter=";") for cell in line]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert rows(take(data, from_csv(out)).data)[0].words["de"] == text
