"""Whether a streetworker is on duty in a place, and when next: from the hours that its coordinator entered."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flows.hours import Opening, opening
from flows.library import Library


def duty(library: Library, place: str, now: datetime) -> Opening:
    """By the hours of the place, or of the nearest one it lies in that has any."""
    for slug in library.chain(place):
        found = library.places[slug]
        if found.duty.known:
            return opening(found.duty, now.astimezone(ZoneInfo(found.timezone)))
    return Opening(known=False, open=False)
