"""Opening hours as people write them."""

import pytest

from app.editor.hours_text import Exceptional, is_always, read_days, read_week, write_days, write_week
from app.errors import BadInput


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("Mo-Fr 9-12, Do 14-18", "Mo-Mi 9-12; Do 9-12, 14-18; Fr 9-12"),
        ("Montag bis Donnerstag: 9:00–16:00 und 17-18 Uhr; Fr. 9-12", "Mo-Do 9:00–16:00, 17-18; Fr 9-12"),
        ("Mo, Mi 9.00-12.00", "Mo 9.00-12.00; Mi 9.00-12.00"),
        ("täglich 8-20, So geschlossen", "Mo-Sa 8-20"),
        ("Mon to Fri 9-5pm", None),
        ("Fr-Mo 9-12", "Mo 9-12; Fr-So 9-12"),
        ("Mo 9-12, 11-13", None),
        ("Mo nach Vereinbarung", None),
        ("9-12", None),
        ("Mo-Fr", None),
        ("", ""),
    ],
)
def test_weeks(words: str, same: str | None) -> None:
    if same is None:
        with pytest.raises(BadInput):
            read_week(words)
    else:
        assert write_week(read_week(words)) == same


def test_special_days() -> None:
    words = "24.12.2026-02.01.2027 geschlossen; 2026-12-23: 9-12 Uhr"
    days = [Exceptional("2026-12-24", "2027-01-02", ""), Exceptional("2026-12-23", "", "9-12")]
    assert read_days(words) == days
    assert write_days(days[:1]) == "24.12.2026-02.01.2027 geschlossen"
    with pytest.raises(BadInput):
        read_days("an Weihnachten zu")


def test_day_and_night() -> None:
    assert is_always("24/7")
    assert is_always(" rund um die Uhr ")
    assert not is_always("Mo 24-7")
