"""The rules of what needs attention, on content made for them."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.editor.attention import Item, of_library
from flows.library import Library
from flows.model import ANSWER_LANGUAGES, Entry, Figure, Service

TODAY = date(2026, 11, 22)
SOURCE = {"law": "§ 1", "code": "V-LAW"}


def entry(topic: str = "work.tips", languages: tuple[str, ...] = ANSWER_LANGUAGES, **values: Any) -> Entry:
    words = {"label": "Tips", "question": "Tips?", "messages": ["It is {wage}."], "sms": "{wage}"}
    data = {"topic": topic, "sources": [SOURCE], "law_as_of": "2026-01-01", "review_on": "2027-12-01"}
    return Entry.model_validate(data | {"answers": dict.fromkeys(languages, words)} | values)


def figure(*values: tuple[str, str | None]) -> Figure:
    spans = [{"since": since, "until": until, "value": "13.90"} for since, until in values]
    return Figure.model_validate({"key": "wage", "unit": "eur", "source": SOURCE, "values": spans})


def service(**values: Any) -> Service:
    data = {"slug": "advice", "name": "Advice", "about": dict.fromkeys(ANSWER_LANGUAGES, "x"), "level": "verein"}
    return Service.model_validate(data | {"topics": ["work.tips"], "source": SOURCE} | values)


def found(group: str, *pieces: Entry | Figure | Service) -> list[Item]:
    library = replace(
        Library.empty(),
        entries={each.topic: (1, each) for each in pieces if isinstance(each, Entry)},
        figures={each.key: each for each in pieces if isinstance(each, Figure)},
        services={each.slug: each for each in pieces if isinstance(each, Service)},
    )
    return list(of_library(library, TODAY)[group])


def test_a_figure_is_named_from_the_first_day_without_a_value_and_with_who_names_it() -> None:
    (item,) = found("figures", entry(), figure(("2026-01-01", "2026-12-31")))
    assert (item.why, item.on, item.count) == ("ends", date(2027, 1, 1), 1)
    (item,) = found("figures", figure(("2026-01-01", "2026-11-21")))
    assert (item.why, item.on, item.count) == ("none", TODAY, 0)
    (item,) = found("figures", figure(("2026-01-01", "2026-12-31"), ("2027-01-10", None)))  # a hole between two
    assert item.on == date(2027, 1, 1)
    assert found("figures", figure(("2026-01-01", "2026-12-31"), ("2027-01-01", None))) == []
    assert found("figures", figure(("2026-01-01", "2027-06-30"))) == []


def test_answers_are_named_once_with_the_gravest_reason_first() -> None:
    pieces = (
        entry("work.a", review_on="2026-12-10"),
        entry("work.b", valid_until="2026-11-21", review_on="2026-01-01"),
        entry("work.c", review_on="2026-11-22"),
        entry("work.d", valid_until="2026-12-20"),
        entry("work.e", review_on="2027-01-10"),
    )
    assert [(item.key, item.why) for item in found("reviews", *pieces)] == [
        ("work.b", "expired"),
        ("work.d", "expires"),
        ("work.c", "due"),
        ("work.a", "soon"),
    ]


def test_missing_languages_stand_together() -> None:
    (item,) = found("missing", entry(languages=("de", "bg")), service())
    assert (item.key, item.languages) == ("work.tips", ("ro", "uk", "en"))


def test_services_are_to_be_confirmed_every_half_year() -> None:
    assert [item.why for item in found("services", service())] == ["never"]
    assert [item.why for item in found("services", service(checked_on="2026-05-01"))] == ["long"]
    assert found("services", service(checked_on="2026-06-01")) == []


def test_a_number_is_named_once_however_often_and_however_it_is_written() -> None:
    phone = {"number": "0800 100", "who": "Advice", "code": "V-WEB"}
    other = phone | {"number": "0800-100"}
    tested = phone | {"number": "0800 200", "tested_on": "2026-11-01"}
    (item,) = found("phones", entry(phones=[phone, tested]), service(phones=[other]))
    assert (item.detail, item.count) == ("0800 100", 2)
