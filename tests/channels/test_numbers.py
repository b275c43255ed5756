"""Phone numbers as people write them down."""

import pytest

from channels.numbers import NotANumber, full_number


@pytest.mark.parametrize(
    "written",
    [
        "+49 171 1234567", "0171 1234567", "0171/123 45 67", "0049 171 1234567", "+49 (0)171 1234567",
        " (0171) 123-4567 ", "+49\u00a0171\u20131234567",
    ],
)  # fmt: skip
def test_one_form_for_all(written: str) -> None:
    assert full_number(written) == "+491711234567"


def test_other_countries_keep_theirs() -> None:
    assert full_number("00359 88 812 3456") == "+359888123456"


@pytest.mark.parametrize(
    "written", ["", "110", "171 1234567", "+0171", "+49171 12345678901234", "call me", "٠١٧١١٢٣٤٥٦٧"]
)
def test_what_is_none_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(NotANumber) as caught:
        full_number(written)
    assert not written or written not in str(caught.value)
