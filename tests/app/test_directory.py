"""Who helps, in the words of the chat."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.directory import describe, helpers, who_helps
from flows.library import Library
from flows.load import read_content
from flows.model import ANSWER_LANGUAGES, MESSAGE_CHARS, Hours, Service, Source, Span
from flows.services import Found, find_services
from flows.understand import CONTENT_DIR

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday, 10:30 in Weißenfels
WEEK = Hours(week={"mon": (Span(start="09:00", end="16:00"),), "thu": (Span(start="09:00", end="12:00"),)})


@pytest.fixture(scope="module")
def library() -> Library:
    content = read_content(CONTENT_DIR)
    return Library.from_data((kind, key, 1, data) for kind, key, data in content.pieces())


def found(library: Library, now: datetime = NOW, **changes: object) -> Found:
    about = dict.fromkeys(ANSWER_LANGUAGES, "Helps people.")
    service = Service(
        slug="office", name="Amt", about=about, level="stadt", topics=("work.dismissal",), source=Source(code="SEED")
    ).model_copy(update={"address": "Markt 1"} | changes)
    (only,) = find_services(replace(library, services={"office": service}), now)
    return only


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (NOW, "🕘 Open now, until 16:00"),
        (NOW.replace(hour=5), "🕘 Closed now. Opens today: 09:00"),
        (NOW.replace(hour=16), "🕘 Closed now. Opens: Thursday, 09:00"),
        (NOW.replace(day=25), "🕘 Closed now. Opens tomorrow: 09:00"),
    ],
)
def test_when_it_opens(library: Library, now: datetime, words: str) -> None:
    assert words in describe(found(library, now, hours=WEEK), "en").splitlines()


def test_a_day_next_week_has_its_date(library: Library) -> None:
    hours = Hours(week={}, days={NOW.date().replace(day=24): (), NOW.date().replace(month=12, day=2): WEEK.week["mon"]})
    hours = hours.model_copy(update={"week": {"sun": ()}})
    assert "Opens: Wednesday, 2 December, 09:00" in describe(found(library, hours=hours), "en")


def test_day_and_night_and_unknown(library: Library) -> None:
    assert "🕘 Tag und Nacht" in describe(found(library, hours=Hours(always=True)), "de")
    assert "🕘" not in describe(found(library), "de")


def test_everything_that_is_known(library: Library) -> None:
    text = describe(found(library, languages=("de", "ro", "rom"), free=True, ask_first=True), "ro")
    assert text.splitlines()[:3] == ["Amt", "Helps people.", "📍 Markt 1"]
    assert "🗣 română, germană, romani" in text
    assert text.splitlines()[-1].startswith("⚠ ")


def test_no_language_has_a_slur_for_romani(library: Library) -> None:
    assert "циган" not in describe(found(library, languages=("rom",)), "uk")


def test_nobody_knows_where_it_is(library: Library) -> None:
    assert "We do not have the address" in describe(found(library, address=None), "en")


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_every_service_fits_in_a_message(library: Library, language: str) -> None:
    for place in library.places:
        for each in find_services(library, NOW, place=place, language=language):
            assert len(describe(each, language)) <= MESSAGE_CHARS, each.service.slug


def test_a_line_in_ones_language_comes_first(library: Library) -> None:
    first = {
        language: who_helps(library, "work.wage_unpaid", "weissenfels", language, NOW)[0] for language in ("bg", "ro")
    }
    assert "0800 1014341" in first["bg"]
    assert "0800 0005602" in first["ro"]


def test_lines_in_foreign_languages_are_left_out(library: Library) -> None:
    slugs = {each.service.slug for each in helpers(library, "work.wage_unpaid", "wuppertal", "uk", NOW)}
    assert "faire-mobilitaet-berlin" in slugs
    assert not slugs & {"faire-mobilitaet-bulgarisch", "faire-mobilitaet-rumaenisch"}


def test_danger_has_a_number_before_an_address(library: Library) -> None:
    for language in ANSWER_LANGUAGES:
        texts = who_helps(library, "safety.violence", "wuppertal", language, NOW)
        assert len(texts) == 3
        assert any("☎ 110" in text for text in texts[:2])
        assert any("☎ 116 016" in text for text in texts[:2])


def test_who_cannot_be_reached_is_not_recommended(library: Library) -> None:
    assert all(
        each.service.slug != "awg-wuppertal"
        for each in helpers(library, "housing.waste_sorting", "wuppertal", "bg", NOW)
    )


def test_an_unknown_topic_or_place(library: Library) -> None:
    assert who_helps(library, "no.such", "", "bg", NOW) == []
    assert who_helps(library, "health.doctor_emergency", "atlantis", "bg", NOW)


def test_a_language_without_answers_is_answered_in_german(library: Library) -> None:
    assert "Tag und Nacht" in describe(found(library, hours=Hours(always=True)), "tr")
