"""Signs of hard texts, each with a text that has it and one that hasn't."""

from datetime import date
from pathlib import Path

from flows.check import check_content
from flows.load import read_content
from flows.plain import amounts_by_hand, long_sentences, office_words, reading_level, unexplained_words
from translations.glossary import Term, glossary, use

CONTENT = Path(__file__).parents[2] / "flows" / "content"


def test_a_long_sentence_is_named_by_its_start() -> None:
    assert list(long_sentences("Go today. Take the letter.")) == []
    long = "If you have got " + "very " * 20 + "old letters. Go."
    assert list(long_sentences(long)) == ["If you have got very …"]


def test_german_office_words_belong_in_brackets() -> None:
    assert list(unexplained_words("Идете в трудовия съд (Arbeitsgericht).", "bg")) == []
    assert list(unexplained_words("Идете в Arbeitsgericht.", "bg")) == ["Arbeitsgericht"]
    assert list(unexplained_words("Gehen Sie zum Arbeitsgericht.", "de")) == []
    assert list(unexplained_words("Mergeți la Jobcenter.", "ro")) == []


def test_a_word_within_another_is_found_too() -> None:
    starter = glossary()
    try:
        use(Term(word, "", "", "", "") for word in ("Antrag", "Antrag auf Kindergeld", "Kindergeld", "Kind"))
        assert office_words("Antrag auf Kindergeld") == ["Antrag", "Antrag auf Kindergeld", "Kindergeld"]
        assert office_words("Kinder") == []
    finally:
        use(starter)


def test_reading_level_is_told_by_sentences_and_long_words() -> None:
    assert reading_level("Gehen Sie heute hin. Nehmen Sie den Brief mit.", "de") == "easy"
    hard = "Voraussetzung der Leistungsgewährung ist die fristgerechte Mitwirkung des Antragstellers gegenüber der Behörde."
    assert reading_level(hard, "de") == "hard"
    assert reading_level("☎ 110", "de") is None
    for language in (
        "de",
        "bg",
        "ro",
        "uk",
        "en",
    ):  # the starter texts are as the style sheet wants them, in each language
        levels = [
            reading_level("\n".join(entry.answers[language].messages), language)
            for entry in read_content(CONTENT).entries
        ]
        assert levels.count("easy") > 0.9 * len(levels), language
        assert "hard" not in levels


def test_amounts_come_from_figures() -> None:
    assert list(amounts_by_hand("{minimum_wage} ({year})")) == []
    assert list(amounts_by_hand("до 50 000 € глоба и 1,50 €")) == ["000 €", "1,50 €"]


def test_the_glossary_has_every_language_and_no_word_twice() -> None:
    terms = glossary()
    assert len(terms) > 70
    assert len({term.de for term in terms}) == len(terms)
    assert all(all((term.bg, term.ro, term.uk, term.en)) for term in terms)


def test_what_is_past_its_review_is_named_from_that_day_on() -> None:
    content = read_content(CONTENT)
    entry = content.entries[0]
    due = f"was to be reviewed on {entry.review_on}"

    def told(today: date) -> bool:
        return any(i.where == entry.topic and i.text == due for i in check_content(content, today))

    assert told(entry.review_on)
    assert not told(date(2026, 5, 1))
