"""The directory: what it holds keeps to the content rules, and who is found, where, and when it opens."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flows.check import check_content
from flows.hours import Opening
from flows.library import Library
from flows.load import Content, read_content
from flows.model import ANSWER_LANGUAGES, Hours, Service, Source, Span
from flows.services import find_services
from flows.understand import CONTENT_DIR

TODAY = date(2026, 11, 22)
ABOUT = dict.fromkeys(ANSWER_LANGUAGES, "Helps.")
LONGEST_ABOUT = 140
UNVERIFIED = {
    "115", "116 123", "116 006", "116 116", "0800 4 5555 00", "0800 4 5555 30", "0800 123 99 00", "0800 22 55 530",
    "030 60 28 00 28",
}  # fmt: skip
"""Numbers that the fact sheet marks as unverified."""


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(CONTENT_DIR)


@pytest.fixture(scope="module")
def library(content: Content) -> Library:
    return Library.from_data((kind, key, 1, data) for kind, key, data in content.pieces())


def service(slug: str = "office", **changes: Any) -> Service:
    made = Service(
        slug=slug, name="Office", about=ABOUT, level="stadt", topics=("work.dismissal",), source=Source(code="SEED")
    )
    return made.model_copy(update=changes)


def with_services(library: Library, *services: Service) -> Library:
    return replace(library, services={each.slug: each for each in services})


def test_slugs_are_unique(content: Content) -> None:
    slugs = [each.slug for each in content.services]
    assert len(slugs) == len(set(slugs)) > 40


def test_every_service_says_in_every_language_what_it_does(content: Content) -> None:
    for each in content.services:
        assert set(each.about) == set(ANSWER_LANGUAGES), each.slug
        for language, text in each.about.items():
            assert 0 < len(text) <= LONGEST_ABOUT, (each.slug, language)


def test_old_sources_show_no_hours(content: Content) -> None:
    for each in content.services:
        assert not (each.ask_first and each.hours.known), each.slug


def test_no_number_is_shown_that_the_sheet_calls_unverified(content: Content) -> None:
    for each in content.services:
        for phone in each.phones:
            assert phone.number not in UNVERIFIED
            assert "U]" not in phone.code
            assert phone.tested_on is None  # the coordinator fills that in


def test_shelters_have_no_address(content: Content) -> None:
    shelters = [each for each in content.services if "Frauenhaus" in each.name]
    assert len(shelters) == 2
    for each in shelters:
        assert each.address is None
        assert [phone.number for phone in each.phones] == ["116 016"]


def test_texts_are_in_their_own_letters(content: Content) -> None:
    for each in content.services:
        for text in (each.about["bg"], each.about["uk"]):
            assert re.search("[а-яіїєґ]", text), each.slug
        assert not re.search("[ыэъё]", each.about["uk"] + each.how.get("uk", "")), each.slug
        assert not re.search("[ыэёіїє]", each.about["bg"] + each.how.get("bg", "")), each.slug
        assert not re.search("[şţ]", each.about["ro"] + each.how.get("ro", "")), each.slug


def test_the_nearest_come_first(library: Library) -> None:
    near = service("near", places=("weissenfels",))
    wide = service("wide", places=("sachsen-anhalt",))
    everywhere = service("everywhere")
    elsewhere = service("elsewhere", places=("wuppertal",))
    held = with_services(library, everywhere, elsewhere, wide, near)
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    found = find_services(held, now, topic="work.dismissal", place="weissenfels")
    assert [each.service.slug for each in found] == ["near", "wide", "everywhere"]
    assert [each.service.slug for each in find_services(held, now)] == ["everywhere"]


def test_hours_are_those_of_the_place_not_of_the_server(library: Library) -> None:
    hours = Hours(week={"mon": (Span(start="09:00", end="16:00"),)})
    held = with_services(library, service(hours=hours))
    summer, winter = datetime(2026, 7, 6, 7, 30, tzinfo=UTC), datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert find_services(held, summer)[0].opening.open
    found = find_services(held, winter)[0]
    assert not found.opening.open
    assert found.opening.opens is not None
    assert (found.opening.opens.hour, found.at.hour) == (9, 8)


def test_an_old_entry_shows_no_hours(library: Library) -> None:
    held = with_services(library, service(hours=Hours(always=True), ask_first=True))
    assert find_services(held, datetime.now(UTC))[0].opening == Opening(known=False, open=False)


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        ({"topics": ("no.such",)}, "error", "no.such"),
        ({"places": ("atlantis",)}, "error", "atlantis"),
        ({"about": {"bg": "Помага."}}, "error", "this language (about)"),
        ({"how": {"bg": "Обадете се."}}, "error", "this language (how)"),
        ({"ask_first": True, "hours": Hours(always=True)}, "error", "has hours"),
        ({"source": Source(code="SEED", seen="2024-10")}, "warning", "ask_first"),
        ({"source": Source(code="SEED", seen="undated")}, "warning", "ask_first"),
        ({"source": Source(code="SEED", seen="2023"), "checked_on": date(2024, 1, 1)}, "warning", "ask_first"),
        ({"gaps": ("Phone.",)}, "gap", "Phone."),
        ({}, "gap", "cannot be reached"),
    ],
)
def test_what_the_check_finds(content: Content, changes: dict[str, Any], severity: str, words: str) -> None:
    issues = check_content(replace(content, services=(service(**changes),)), TODAY)
    assert any(each.severity == severity and words in each.text for each in issues if each.where == "service office")


@pytest.mark.parametrize(
    "changes",
    [
        {"source": Source(code="SEED", seen="2024-12")},
        {"source": Source(code="SEED", seen="2012"), "checked_on": date(2026, 1, 1)},
        {"source": Source(code="SEED", seen="2012"), "ask_first": True},
    ],
)
def test_what_is_fresh_or_said_to_be_old_is_no_issue(content: Content, changes: dict[str, Any]) -> None:
    issues = check_content(replace(content, services=(service(**changes),)), TODAY)
    assert not [each for each in issues if each.where == "service office" and each.severity != "gap"]


def test_what_nobody_helps_with_is_a_gap_of_the_place(content: Content) -> None:
    issues = {each.where: each.text for each in check_content(content) if "knows nobody" in each.text}
    assert set(issues) == {"burgenlandkreis", "weissenfels", "wuppertal"}
    assert "residence.address_registration" in issues["weissenfels"]
    assert "local.counselling" not in issues["weissenfels"]
