"""`streetwork calibrate` and `gaps` as an operator meets them."""

import json
from pathlib import Path

from tests.serving import borrow_training, environment, streetwork

MESSAGES = """work.wage_unpaid | шефът не ми плаща заплатата
none | какво ще е времето утре
"""


def test_calibrate_tells_the_bands_and_tries_own_messages(reachable_tmp: Path) -> None:
    data, own = environment(reachable_tmp / "var"), reachable_tmp / "own.txt"
    borrow_training(reachable_tmp / "var")
    own.write_text(MESSAGES, encoding="utf-8")

    told = streetwork(data, "calibrate", str(own)).stdout
    assert "answers from" in told
    assert "strangers answered" in told
    assert "right" in told

    own.write_text("{no} | текст", encoding="utf-8")
    assert "there is no topic '{no}'" in streetwork(data, "calibrate", str(own), check=False).stderr
    own.write_text("шефът не плаща", encoding="utf-8")
    assert "Line 1" in streetwork(data, "calibrate", str(own), check=False).stderr


def test_gaps_are_listed_and_closed(commands: dict[str, str]) -> None:
    assert streetwork(commands, "gaps").stdout.strip().endswith("(none)")
    assert [json.loads(line) for line in streetwork(commands, "gaps", "--json").stdout.splitlines()] == []
    assert "0 dealt with" in streetwork(commands, "gaps", "--done", "7").stdout


def test_an_encoder_that_is_none_is_told_of_in_words(reachable_tmp: Path) -> None:
    data = {**environment(reachable_tmp / "var"), "STREETWORK_EMBEDDINGS_DIR": str(reachable_tmp)}

    told = streetwork(data, "understand", check=False)

    assert told.returncode == 1
    assert "STREETWORK_EMBEDDINGS_DIR can't be used" in told.stderr
    assert "Traceback" not in told.stderr
