"""The starter content's dialogues say what their files say; one that doesn't is named, with its line."""

import shutil
from pathlib import Path

from flows.dialogue.transcript import CHANNELS, check_transcripts, read_transcript
from flows.load import read_content
from flows.model import ANSWER_LANGUAGES
from flows.understand import CONTENT_DIR


def test_all_dialogues_are_as_they_were_reviewed() -> None:
    assert check_transcripts(read_content(CONTENT_DIR), CONTENT_DIR) == []


def test_every_flow_is_played_in_several_languages_and_apps() -> None:
    content = read_content(CONTENT_DIR)
    played = [read_transcript(stored) for stored in content.transcripts]
    for flow in content.flows:
        of_flow = [each for each in played if each.flow == flow.flow]
        assert len({each.language for each in of_flow}) >= 3, flow.flow
        assert len({each.channel for each in of_flow}) >= 3, flow.flow
    assert {each.language for each in played} == set(ANSWER_LANGUAGES)
    assert {each.channel for each in played} == set(CHANNELS)


def test_a_dialogue_that_says_something_else_is_named_and_rewritten_on_request(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(CONTENT_DIR, folder, ignore=shutil.ignore_patterns("examples"))
    dialogue = folder / "transcripts" / "dismissal_ro_sms_19_days.txt"
    dialogue.write_text(dialogue.read_text(encoding="utf-8").replace("Arbeitsgericht", "Amtsgericht"), encoding="utf-8")
    (issue,) = check_transcripts(read_content(folder), folder)
    assert (issue.severity, issue.where) == ("error", f"dialogue {dialogue.stem}")
    assert "Amtsgericht" in issue.text
    check_transcripts(read_content(folder), folder, rewrite=True)
    assert check_transcripts(read_content(folder), folder) == []


def test_a_dialogue_that_can_t_be_played_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(CONTENT_DIR, folder, ignore=shutil.ignore_patterns("examples", "transcripts"))
    (folder / "transcripts").mkdir()
    (folder / "transcripts" / "x.txt").write_text(
        "flow: dismissal\nlanguage: bg\nchannel: sms\ntoday: 2026-11-22\n\n> [7]\n", encoding="utf-8"
    )
    (issue,) = check_transcripts(read_content(folder), folder)
    assert "there is no button [7]" in issue.text
