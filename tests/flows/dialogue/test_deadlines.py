"""Deadlines against the calendar of each Land. The expected days were counted by hand from the law, not by the code."""

from datetime import date, timedelta

import pytest

from flows.dialogue.deadlines import LAENDER, dismissal, fourth_day, is_working_day, moved, objection, two_weeks


@pytest.mark.parametrize(
    ("received", "land", "last"),
    [
        ("2026-11-03", "ST", "2026-11-24"),  # Tuesday, three weeks later a Tuesday
        ("2026-11-21", "NW", "2026-12-14"),  # a Saturday: on to Monday
        ("2026-11-22", "NW", "2026-12-14"),  # a Sunday
        ("2026-12-04", "ST", "2026-12-28"),  # Christmas Day is a Friday: over the weekend to Monday
        ("2026-12-03", "ST", "2026-12-24"),  # Christmas Eve is a working day
        ("2026-12-10", "ST", "2026-12-31"),  # and so is New Year's Eve
        ("2026-12-11", "NW", "2027-01-04"),  # New Year's Day is a Friday
        ("2026-12-16", "ST", "2027-01-07"),  # Epiphany is a holiday in Saxony-Anhalt
        ("2026-12-16", "NW", "2027-01-06"),  # but not in North Rhine-Westphalia
        ("2026-12-16", "BY", "2027-01-07"),
        ("2026-12-16", "BW", "2027-01-07"),
        ("2026-03-13", "NW", "2026-04-07"),  # Good Friday: over Easter Monday to Tuesday
        ("2026-05-14", "NW", "2026-06-05"),  # Corpus Christi, a Thursday
        ("2026-05-14", "ST", "2026-06-04"),
        ("2026-10-10", "ST", "2026-11-02"),  # 31 October is a Saturday in any case
        ("2025-10-10", "ST", "2025-11-03"),  # Reformation Day, a Friday: to Monday
        ("2025-10-10", "NW", "2025-10-31"),
        ("2026-02-13", "BE", "2026-03-06"),  # two days before Women's Day, a Sunday
        ("2027-02-15", "BE", "2027-03-09"),  # Women's Day, a Monday, in Berlin
        ("2027-02-15", "NW", "2027-03-08"),
        ("2026-10-28", "SN", "2026-11-19"),  # Day of Repentance, a Wednesday, in Saxony alone
        ("2026-10-28", "TH", "2026-11-18"),
        ("2026-04-10", None, "2026-05-04"),  # Labour Day, a Friday, holds everywhere
        ("2026-12-16", None, "2027-01-06"),  # where the Land is not known, the earlier day
    ],
)
def test_three_weeks_for_the_labour_court(received: str, land: str | None, last: str) -> None:
    assert dismissal(date.fromisoformat(received), land) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("received", "land", "last"),
    [
        ("2026-10-23", "ST", "2026-11-23"),
        ("2026-01-31", "ST", "2026-03-02"),  # no 31 February: its last day is a Saturday, so Monday
        ("2028-01-31", "NW", "2028-02-29"),  # a leap year
        ("2026-11-30", "ST", "2026-12-30"),
        ("2026-11-25", "ST", "2026-12-28"),  # Christmas
        ("2026-12-01", "NW", "2027-01-04"),  # 1 January, a Friday
        ("2026-12-06", "ST", "2027-01-07"),  # Epiphany
        ("2026-08-31", "BY", "2026-09-30"),
    ],
)
def test_one_month_for_an_objection(received: str, land: str, last: str) -> None:
    assert objection(date.fromisoformat(received), land) == date.fromisoformat(last)


def test_two_weeks_against_a_court_s_payment_order() -> None:
    assert two_weeks(date(2026, 11, 11), "ST") == date(2026, 11, 25)
    assert two_weeks(date(2026, 12, 11), "ST") == date(2026, 12, 28)  # Christmas Day


def test_a_letter_counts_as_received_on_the_fourth_day_weekend_or_not() -> None:
    assert fourth_day(date(2026, 11, 18)) == date(2026, 11, 22)


@pytest.mark.parametrize("land", LAENDER)
def test_the_day_is_never_before_and_hardly_after(land: str) -> None:
    day = date(2026, 1, 1)
    while day < date(2029, 1, 1):
        last = moved(day, land)
        assert is_working_day(last, land)
        assert timedelta(0) <= last - day <= timedelta(days=5)
        assert last.weekday() < 5
        day += timedelta(days=1)


def test_what_is_kept_in_some_towns_only_moves_nothing() -> None:
    """Assumption in Catholic towns of Bavaria, Corpus Christi in some of Saxony: the earlier day harms nobody."""
    assert is_working_day(date(2028, 8, 15), "BY")
    assert is_working_day(date(2026, 6, 4), "SN")
