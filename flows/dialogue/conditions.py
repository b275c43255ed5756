"""Whether a condition of a flow holds."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flows.dialogue.graph import Test
from flows.dialogue.world import World


def holds(test: Test, fields: Mapping[str, Any], world: World) -> bool:
    """All that the test names; what is not known fails every test but `known: false`."""
    return _about_world(test, world) and (test.field is None or _about_field(test, fields.get(test.field), world.today))


def _about_world(test: Test, world: World) -> bool:
    return (
        (test.language is None or world.language in test.language)
        and (test.channel is None or world.channel in test.channel)
        and (test.place is None or test.place in world.places)
        and (test.since is None or test.since <= world.today)
    )


def _about_field(test: Test, value: Any, today: date) -> bool:
    if test.known is not None and test.known != (value is not None):
        return False
    if value is None:
        return test.known is False
    if test.equals is not None and value != test.equals:
        return False
    if test.one_of is not None and value not in test.one_of:
        return False
    return _in_range(test, value) and _in_time(test, value, today)


def _in_range(test: Test, value: Any) -> bool:
    """Of several ages one that lies between both ends is enough."""
    if test.at_least is None and test.at_most is None:
        return True
    numbers = value if isinstance(value, list) else [value]
    low = test.at_least if test.at_least is not None else min(numbers, default=0)
    high = test.at_most if test.at_most is not None else max(numbers, default=0)
    return any(low <= number <= high for number in numbers)


def _in_time(test: Test, value: Any, today: date) -> bool:
    if test.past is None and test.within_days is None and test.days_ago is None:
        return True
    day = date.fromisoformat(value)
    return (
        (test.past is None or test.past == (day < today))
        and (test.within_days is None or today <= day <= today + timedelta(days=test.within_days))
        and (test.days_ago is None or day <= today - timedelta(days=test.days_ago))
    )
