"""The 24 hours to the second."""

from datetime import timedelta

import pytest

from app.models import Conversation
from app.window import window_open
from channels.base import Outbound
from tests.phones import CLOUD, SMS, WHATSAPP, Phones, heard

DAY = 24 * 3600


async def test_open_until_24_hours_have_passed(phones: Phones) -> None:
    def is_open(name: str, seconds: float | None) -> bool:
        heard_at = None if seconds is None else phones.clock.now - timedelta(seconds=seconds)
        return window_open(phones.hub, phones.channel(name), Conversation(heard_at=heard_at))

    for name in (WHATSAPP, CLOUD):
        assert [is_open(name, seconds) for seconds in (0, DAY - 1, DAY, DAY + 1, None)] == [
            True, True, False, False, False,
        ]  # fmt: skip
    assert [is_open(SMS, seconds) for seconds in (0, DAY + 1, None)] == [True, True, True]


@pytest.mark.parametrize(("seconds", "status"), [(DAY - 60, "sent"), (DAY + 1, "held")])
async def test_what_waited_in_a_queue_is_looked_at_again_when_it_leaves(
    phones: Phones, seconds: int, status: str
) -> None:
    """Queued in time; the provider's limit puts it off until later."""
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте")
    talk = await phones.conversation()
    assert talk.heard_at is not None
    before = len(heard(person))
    phones.whatsapp.goes_wrong(status=429, code=130429, retry_after=60)
    (waiting,) = await phones.writes_back(Outbound("Отговор"))
    assert (waiting.status, waiting.error) == ("queued", "rate_limited")
    target = talk.heard_at + timedelta(seconds=seconds)
    await phones.later(seconds=(target - phones.clock.now).total_seconds())
    assert (await phones.out())[-1].status == status
    assert (len(heard(person)) > before) == (status == "sent")
