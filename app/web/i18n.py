"""The pages' language: catalogues compiled from .po at start, dates and times as the reader writes them."""

import functools
import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

import translations
from flows.services import TIMEZONE

LOCALES = Path(translations.__file__).parent / "locale"
STAFF_LANGUAGES = ("de", "en")


class Texts:
    """Everything a page says in one language. Message ids are English sentences, or keys such as `status.sent`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.translations = _compile(LOCALES / language / "LC_MESSAGES" / "staff.po")

    def get(self, message: str) -> str:
        text: str = self.translations.gettext(message)
        return text

    def say(self, message: str, detail: Mapping[str, object]) -> str:
        """An error's message with its details filled in."""
        return self.get(message).format_map(detail) if detail else self.get(message)

    def term(self, group: str, value: str | None) -> str:
        """A word for a slug that the program knows, such as a status; an unknown slug is shown as it is."""
        if not value:
            return ""
        key = f"{group}.{value}"
        text = self.get(key)
        return value if text == key else text

    def language_name(self, code: str) -> str:
        name: str | None = Locale(self.language).languages.get(code)
        return name or code

    def days_left(self, days: int) -> str:
        """'in 3 days', 'today'; in weeks where it is more than a month."""
        if days == 0:
            return self.get("today")
        left = timedelta(days=days)
        return dates.format_timedelta(left, "day", threshold=4.5, add_direction=True, locale=self.language)

    def date(self, day: date) -> str:
        return dates.format_date(day, "medium", locale=self.language)

    def iso_date(self, written: str) -> str:
        return self.date(date.fromisoformat(written))

    def decimal(self, written: str) -> str:
        """As people write it, with the digits that are there: '14.60' is '14,60' in German."""
        return written.replace(".", str(numbers.get_decimal_symbol(self.language)))

    def euros(self, cents: float) -> str:
        said: str = numbers.format_currency(cents / 100, "EUR", locale=self.language)
        return said

    def weekday(self, number: int) -> str:
        """0 is Monday."""
        name: str = dates.get_day_names("wide", "stand-alone", locale=self.language)[number]
        return name

    def time(self, at: datetime) -> str:
        return dates.format_time(at, "HH:mm", tzinfo=TIMEZONE, locale=self.language)

    def full_time(self, at: datetime) -> str:
        return dates.format_datetime(at, "medium", tzinfo=TIMEZONE, locale=self.language)

    def day(self, at: datetime, now: datetime) -> str:
        day, today = local_day(at), local_day(now)
        if day == today:
            return self.get("Today")
        if day == today - timedelta(days=1):
            return self.get("Yesterday")
        if day.year != today.year:
            return dates.format_date(day, "full", locale=self.language)
        weekday = dates.format_date(day, "EEEE", locale=self.language)
        return f"{weekday}, {dates.format_skeleton('MMMMd', day, locale=self.language)}"

    def short_time(self, at: datetime, now: datetime) -> str:
        """For cards: the hour today, the date before."""
        if local_day(at) == local_day(now):
            return self.time(at)
        return dates.format_skeleton("dMMM", at, tzinfo=TIMEZONE, locale=self.language)

    def moment(self, at: datetime, now: datetime | None = None) -> str:
        """For what is to come: the day and the hour; only the hour where that is today."""
        day = "" if now and local_day(at) == local_day(now) else self._short_day(at)
        return f"{day} {self.time(at)}".strip()

    def _short_day(self, at: datetime) -> str:
        return dates.format_skeleton("MMMEd", at, tzinfo=TIMEZONE, locale=self.language)

    def since(self, at: datetime, now: datetime) -> str:
        """How long something waits, in one unit."""
        return dates.format_timedelta(
            now - at, granularity="minute", threshold=1.5, format="short", locale=self.language
        )


def local_day(at: datetime) -> date:
    return at.astimezone(TIMEZONE).date()


@functools.cache
def texts(language: str) -> Texts:
    return Texts(language if language in STAFF_LANGUAGES else "en")


def best_language(accept: str, available: tuple[str, ...], default: str) -> str:
    """The reader's favourite among `available`, from an Accept-Language header."""
    wishes = []
    for part in accept.split(","):
        tag, _, quality = part.strip().partition(";q=")
        wishes.append((_quality(quality), tag.split("-")[0].lower()))
    wishes.sort(key=lambda wish: -wish[0])
    return next((tag for quality, tag in wishes if quality > 0 and tag in available), default)


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _compile(path: Path) -> Translations:
    buffer = io.BytesIO()
    with path.open("rb") as file:
        write_mo(buffer, read_po(file))
    buffer.seek(0)
    return Translations(buffer)
