"""What may be said: by language, place and date, with the figures of the day; and when nothing may."""

from datetime import date
from typing import Any

import pytest

from flows.library import Library, NotSayable, write_figure
from flows.load import read_content
from flows.model import ANSWER_LANGUAGES
from flows.understand import CONTENT_DIR

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def library() -> Library:
    content = read_content(CONTENT_DIR)
    rows: list[tuple[str, str, int, Any]] = [("entry", e.topic, 1, e.model_dump(mode="json")) for e in content.entries]
    rows += [("figure", f.key, 1, f.model_dump(mode="json")) for f in content.figures]
    rows += [("place", p.slug, 1, p.model_dump(mode="json")) for p in content.places]
    return Library.from_data(rows)


def changed(library: Library, topic: str, **changes: Any) -> Library:
    version, entry = library.entries[topic]
    return Library(
        **{**vars(library), "entries": {**library.entries, topic: (version, entry.model_copy(update=changes))}}
    )


def test_the_minimum_wage_of_the_day(library: Library) -> None:
    def said(on: date) -> str:
        return " ".join(library.say("work.minimum_wage", "bg", "", on).messages)

    assert "13,90" in said(date(2026, 12, 31))
    assert "14,60" not in said(date(2026, 12, 31)).partition("2027")[0]
    assert "14,60" in said(date(2027, 1, 1))


def test_without_a_figure_for_the_day_nothing_is_said(library: Library) -> None:
    with pytest.raises(NotSayable) as refused:
        library.say("work.minimum_wage", "bg", "", date(2028, 1, 1))
    assert refused.value.reason == "no_figure"


@pytest.mark.parametrize(("month", "day", "sayable"), [(5, 31, False), (6, 1, True), (6, 30, True), (7, 1, False)])
def test_a_text_is_said_from_its_first_to_its_last_day(library: Library, month: int, day: int, sayable: bool) -> None:
    on = date(2026, month, day)
    dated = changed(library, "work.dismissal", valid_from=date(2026, 6, 1), valid_until=date(2026, 6, 30))
    if sayable:
        assert dated.say("work.dismissal", "ro", "", on).messages
    else:
        with pytest.raises(NotSayable, match="not_valid"):
            dated.say("work.dismissal", "ro", "", on)


def test_what_does_not_exist_is_not_said(library: Library) -> None:
    with pytest.raises(NotSayable, match="no_entry"):
        library.say("no.such", "bg", "", TODAY)
    with pytest.raises(NotSayable, match="no_language"):
        library.say("work.dismissal", "ru", "", TODAY)
    assert library.label("no.such", "bg") is None
    assert library.label("work.dismissal", "tr") is None


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_every_entry_can_be_said_today_in_every_language_and_place(library: Library, language: str) -> None:
    for topic in library.entries:
        for place in ("", *library.places):
            said = library.say(topic, language, place, TODAY)
            assert said.draft, "nobody who builds the hub approves a text"
            assert all("{" not in text for text in (*said.messages, said.sms))
            assert all(library.label(slug, language) for slug in said.next)


def test_the_nearest_place_s_words_count(library: Library) -> None:
    assert library.chain("weissenfels") == ["weissenfels", "burgenlandkreis", "sachsen-anhalt"]
    assert library.chain("nowhere") == []
    topic = "local.counselling"
    assert library.say(topic, "bg", "weissenfels", TODAY).messages != library.say(topic, "bg", "", TODAY).messages
    assert library.local(topic, "bg", "weissenfels", TODAY) != library.local(topic, "bg", "wuppertal", TODAY)
    assert library.local("work.dismissal", "bg", "nowhere", TODAY) == ()


def test_places_that_lie_in_each_other_end(library: Library) -> None:
    places = dict(library.places)
    places["sachsen-anhalt"] = places["sachsen-anhalt"].model_copy(update={"parent": "weissenfels"})
    assert len(Library(**{**vars(library), "places": places}).chain("weissenfels")) == 3


@pytest.mark.parametrize(
    ("value", "unit", "language", "written"),
    [
        ("13.90", "eur", "bg", "13,90\u00a0€"),
        ("13.90", "eur", "en", "13.90\u00a0€"),
        ("2409", "eur", "de", "2409\u00a0€"),
        ("15874.40", "eur", "ro", "15\u00a0874,40\u00a0€"),
        ("3", "plain", "uk", "3"),
    ],
)
def test_figures_are_written_as_their_readers_write(value: str, unit: str, language: str, written: str) -> None:
    assert write_figure(value, unit, language) == written
