"""The form of a service, read into fields. Rows of phones and special days come as lists with one entry for each row."""

from dataclasses import replace
from datetime import date
from itertools import zip_longest

from starlette.datastructures import FormData

from app.editor.hours_text import Exceptional
from app.editor.service_fields import Fields, PhoneRow
from app.editor.services import Seen
from app.web.editor.clashing import last_seen
from flows.hours import WEEKDAYS
from flows.model import ANSWER_LANGUAGES

EMPTY_PHONES, EMPTY_DAYS = 1, 2  # rows for new ones; saving brings more


def read_fields(form: FormData, today: date) -> Fields:
    return Fields(
        name=_text(form, "name"),
        level=_text(form, "level"),
        places=_chosen(form, "places"),
        topics=_chosen(form, "topics"),
        address=_text(form, "address"),
        phones=_phones(form, today),
        email=_text(form, "email"),
        web=_text(form, "web"),
        always="always" in form,
        week={day: words for day in WEEKDAYS if (words := _text(form, f"hours_{day}").strip())},
        days=_days(form),
        languages=_chosen(form, "languages"),
        free=_text(form, "free"),
        ask_first="ask_first" in form,
        source_page=_text(form, "source_page"),
        source_law=_text(form, "source_law"),
        source_seen=_text(form, "source_seen"),
        checked_on=today.isoformat() if "checked_today" in form else _text(form, "checked_on"),
        closed_on=_text(form, "closed_on"),
        gaps=_text(form, "gaps"),
        about={code: _text(form, f"about_{code}") for code in ANSWER_LANGUAGES},
        how={code: _text(form, f"how_{code}") for code in ANSWER_LANGUAGES},
    )


def with_room(fields: Fields) -> Fields:
    """With empty rows for what is to be added."""
    return replace(
        fields,
        phones=(*fields.phones, *[PhoneRow("")] * EMPTY_PHONES),
        days=(*fields.days, *[Exceptional("", "", "")] * EMPTY_DAYS),
    )


def read_seen(form: FormData) -> Seen:
    revision, _, version = last_seen(form).partition("-")
    numbers = [int(part) if part.isascii() and part.isdigit() and len(part) < 10 else 0 for part in (revision, version)]
    return Seen(*numbers)


def write_seen(seen: Seen) -> str:
    return f"{seen.revision}-{seen.version}"


def _phones(form: FormData, today: date) -> tuple[PhoneRow, ...]:
    names = ("phone_number", "phone_who", "phone_tested")
    rows = zip_longest(*([str(each) for each in form.getlist(name)] for name in names), fillvalue="")
    answered = _chosen(form, "phone_today")  # numbers of rows
    made = [
        PhoneRow(number.strip(), who.strip(), today.isoformat() if str(row) in answered else tested)
        for row, (number, who, tested) in enumerate(rows)
    ]
    return tuple(phone for phone in made if phone.number or phone.who)


def _days(form: FormData) -> tuple[Exceptional, ...]:
    names = ("day_first", "day_last", "day_hours")
    rows = zip_longest(*([str(each).strip() for each in form.getlist(name)] for name in names), fillvalue="")
    return tuple(Exceptional(*row) for row in rows if any(row))


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, ""))


def _chosen(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(each) for each in form.getlist(name) if str(each)))
