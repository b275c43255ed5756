"""Weekly hours as people write them: days with the same hours together."""

from itertools import groupby

from app.places import write_hours
from app.web.i18n import Texts
from flows.hours import WEEKDAYS
from flows.model import Hours


def week_words(hours: Hours, words: Texts) -> list[tuple[str, str]]:
    """[('Monday – Thursday', '09:00–16:00'), ('Friday', '09:00–12:00')]; days without hours are left out."""
    days = [(number, write_hours(hours.week.get(day, ()))) for number, day in enumerate(WEEKDAYS)]
    made = []
    for times, group in groupby(days, key=lambda each: each[1]):
        numbers = [number for number, _ in group]
        if times:
            ends = dict.fromkeys((words.weekday(numbers[0]), words.weekday(numbers[-1])))
            made.append((" – ".join(ends), times))
    return made
