"""The bot's fixed phrases: every key that the code says has words in every language, and they fit on a phone."""

import ast
import re
from pathlib import Path

import pytest

from flows.model import ANSWER_LANGUAGES, LABEL_CHARS, MESSAGE_CHARS, PLACEHOLDER, UNDERSTOOD_LANGUAGES
from flows.understand.corpus import CONTENT_DIR, read_yaml
from flows.understand.intents import IntentLists
from flows.understand.normalise import prepare
from flows.understand.signals import CATEGORIES
from translations.phrases import MissingPhrase, catalogue, phrase

ROOT = Path(__file__).parents[2]
SPEAKING = (*sorted((ROOT / "app").glob("*.py")), *sorted((ROOT / "flows" / "dialogue").glob("*.py")))
GREETING_CHARS = 500  # the menu or an answer follows at once

SHORT = ".sms"  # the words for a key that are said by SMS, where there are any

FAMILIES = {
    "danger.": CATEGORIES,
    "media.": ("voice", "photo", "document", "other"),
    "button.": ("human", "menu", "facts", "yes", "no", "delete_yes", "delete_no", "stop_yes", "stop_no", "list_tick",
                "list_back"),
    "flow.again.": ("choice", "date", "date_future", "number", "number_range", "ages", "yes_no", "place", "photo",
                    "text", "text_long"),
}  # fmt: skip
"""Keys that the code puts together, by what they start with."""
INTENTS = {"thanks", "about"}  # said under their own names

NEEDED = re.compile(
    r"greeting|start\.again|off_duty|deadline|language\.(ask|none|name)|button\.(human|delete_(yes|no))"
    r"|(media|handover|danger|delete)\..+"
)
"""What people must be able to read even in a language that has no answers (ru, tr)."""

TELLING = {
    "bg": "насили|бие|побо|мъж|съпруг|жен",
    "ro": "violen|bate|bătai|soț|bărbat|femei",
    "uk": "насил|б’є|чолові|жін",
    "de": "gewalt|schlag|schläg|mann|frau",
    "en": r"violen|beat|\bhit|husband|wom[ae]n|wife",
    "ru": "насил|бьёт|муж|жен",
    "tr": "şiddet|dayak|koca|kadın",
}
FOREIGN_LETTERS = {"ro": "şţŞŢ", "uk": "ыэъёЫЭЪЁ", "bg": "ыэёіїєЫЭЁІЇЄ", "ru": "іїєІЇЄ"}
COMMAND = re.compile(r": ([^:\n]*[^:\n.])$", re.MULTILINE)  # "Another language? Write: language"


def said() -> set[str]:
    """The keys that the code says."""
    keys = set(INTENTS)
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in ("say", "phrase", "Phrase"):
                keys |= {key.removesuffix(SHORT) for key in _keys(node.args[0])}
            if isinstance(node, ast.Call):
                keys |= {key for given in node.keywords if given.arg == "instead" for key in _keys(given.value)}
    return keys


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _keys(argument: ast.expr) -> set[str]:
    match argument:
        case ast.Constant(value=str(key)):
            return {key}
        case ast.IfExp(body=one, orelse=other):
            return _keys(one) | _keys(other)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            return {start + end for end in FAMILIES[start]}
        case _:
            return set()


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_every_key_has_words(language: str) -> None:
    keys = set(catalogue(language))
    short = {key for key in keys if key.endswith(SHORT)}
    assert keys - short == said()
    assert {key.removesuffix(SHORT) for key in short} <= said(), "short words for a key that nobody says"


@pytest.mark.parametrize("language", [each for each in UNDERSTOOD_LANGUAGES if each not in ANSWER_LANGUAGES])
def test_languages_without_answers_have_what_is_needed_most(language: str) -> None:
    assert {key for key in said() if NEEDED.fullmatch(key)} <= set(catalogue(language)) <= said()


@pytest.mark.parametrize("language", UNDERSTOOD_LANGUAGES)
def test_words_fill_in_the_same_values(language: str) -> None:
    for key, words in catalogue(language).items():
        assert placeholders(words) == placeholders(catalogue("en")[key]), key
        assert words.format(link="https://t.me/x", when="9", item="9", name="Ana", days=9), key


@pytest.mark.parametrize("language", UNDERSTOOD_LANGUAGES)
def test_words_fit_on_a_phone(language: str) -> None:
    for key, words in catalogue(language).items():
        is_label = key.startswith("button.") or key == "language.name"
        assert 0 < len(words.strip()) <= (LABEL_CHARS if is_label else MESSAGE_CHARS), key
    assert len(phrase("greeting", language)) <= GREETING_CHARS


@pytest.mark.parametrize("language", UNDERSTOOD_LANGUAGES)
def test_labels_differ(language: str) -> None:
    """A typed label must mean one button."""
    labels = [words for key, words in catalogue(language).items() if key.startswith("button.")]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("language", UNDERSTOOD_LANGUAGES)
def test_commands_that_people_are_told_to_write_are_understood(language: str) -> None:
    lists = IntentLists(read_yaml(CONTENT_DIR / "intents.yaml"))
    commands = COMMAND.findall(phrase("greeting", language))
    understood = [found.name for command in commands if (found := lists.read(prepare(command)))]
    assert understood == ["delete", "language"]  # and 0, which is the router's own
    assert "0" in commands


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_the_way_to_stop_is_understood(language: str) -> None:
    lists = IntentLists(read_yaml(CONTENT_DIR / "intents.yaml"))
    commands = COMMAND.findall(phrase("about", language))
    understood = [found.name for command in commands if (found := lists.read(prepare(command)))]
    assert understood == ["delete", "stop"]


@pytest.mark.parametrize("language", UNDERSTOOD_LANGUAGES)
def test_a_look_over_the_shoulder_tells_nothing(language: str) -> None:
    for key in ("danger.violence", "danger.person"):
        assert not re.search(TELLING[language], phrase(key, language), re.IGNORECASE), key


@pytest.mark.parametrize("language", FOREIGN_LETTERS)
def test_letters_are_the_languages_own(language: str) -> None:
    for key, words in catalogue(language).items():
        if key != "language.ask":  # in five languages
            assert not set(words) & set(FOREIGN_LETTERS[language]), key


def test_the_choice_of_language_reads_the_same_everywhere() -> None:
    assert len({phrase("language.ask", language) for language in UNDERSTOOD_LANGUAGES}) == 1


def test_a_missing_phrase_is_an_error() -> None:
    with pytest.raises(MissingPhrase):
        phrase("no.such.key", "en")
