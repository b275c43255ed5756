"""Who helps with a topic near a person: services of the directory, chosen and put into words for the chat."""

from datetime import datetime

from babel import Locale
from babel.dates import format_datetime

from flows.library import Library
from flows.model import ANSWER_LANGUAGES, Service
from flows.services import Found, find_services
from translations.phrases import phrase

SHOWN = 3  # more addresses than these nobody follows up
OFFICE_LANGUAGE = "de"
LANGUAGE_NAMES = {"rom": {"bg": "ромски", "ro": "romani", "uk": "ромська", "de": "Romanes", "en": "Romani"}}
"""Where Babel's name is not what the speakers say themselves; in Ukrainian it is even a slur."""


def who_helps(library: Library, topic: str, place: str, language: str, now: datetime, limit: int = SHOWN) -> list[str]:
    """The best services as texts of the chat; empty where the directory knows nobody."""
    return [describe(found, language) for found in helpers(library, topic, place, language, now)[:limit]]


def helpers(library: Library, topic: str, place: str, language: str, now: datetime) -> list[Found]:
    """Services that the person can reach and speak with, the most useful first.

    Lines that are there day and night come first, then who speaks the person's language, then who is near: a hotline that
    one understands helps more than an office that one doesn't.
    """
    found = find_services(library, now, topic=topic, place=place, language=language)
    useful = [each for each in found if is_reachable(each.service) and understands(each.service, language)]
    return sorted(useful, key=lambda each: (not each.service.hours.always, language not in each.service.languages))


def is_reachable(service: Service) -> bool:
    return bool(service.phones or service.address or service.web or service.email or service.how)


def understands(service: Service, language: str) -> bool:
    """A line for speakers of other languages is of no use; an office with a door speaks German in any case."""
    spoken = service.languages
    return not spoken or bool(service.address) or language in spoken or OFFICE_LANGUAGE in spoken


def describe(found: Found, language: str) -> str:
    """A service as one message of the chat."""
    if language not in ANSWER_LANGUAGES:
        language = OFFICE_LANGUAGE
    return _lines(found.service, language, opening_words(found, language))


def service_words(service: Service, language: str) -> str:
    """A service as a colleague sends it: read who knows when, so without whether it is open at this moment."""
    return _lines(service, language if language in ANSWER_LANGUAGES else OFFICE_LANGUAGE, "")


def _lines(service: Service, language: str, hours: str) -> str:
    lines = [
        service.name,
        service.about.get(language),  # type: ignore[call-overload]
        f"📍 {service.address}" if service.address else None,
        *(f"☎ {phone.number}" for phone in service.phones),
        f"🌐 {service.web}" if service.web and not service.phones else None,
        f"✉ {service.email}" if service.email else None,
        service.how.get(language),  # type: ignore[call-overload]
        f"🕘 {hours}" if hours else None,
        f"🗣 {', '.join(language_names(service, language))}" if service.languages else None,
        phrase("service.free", language) if service.free else None,
        f"⚠ {caution}" if (caution := caution_words(service, language)) else None,
    ]
    return "\n".join(line for line in lines if line)


def caution_words(service: Service, language: str) -> str:
    """What to know before one goes there: nobody knows where it is, or the source is old."""
    if not is_reachable(service):
        return phrase("service.unreachable", language)
    if not service.ask_first:
        return ""
    return phrase("service.ask_first" if service.address else "service.old", language)


def opening_words(found: Found, language: str) -> str:
    """'Open now, until 16:00', 'Closed now. Opens tomorrow, 09:00'; empty where the hours are not known."""
    opening = found.opening
    if not opening.known:
        return ""
    if opening.open:
        if opening.closes is None:
            return phrase("service.open_always", language)
        return phrase("service.open_until", language, when=f"{opening.closes:%H:%M}")
    if opening.opens is None:
        return phrase("service.closed", language)
    time = f"{opening.opens:%H:%M}"
    days = (opening.opens.date() - found.at.date()).days
    if days == 0:
        return phrase("service.opens_today", language, when=time)
    if days == 1:
        return phrase("service.opens_tomorrow", language, when=time)
    return phrase("service.opens_on", language, when=format_datetime(opening.opens, _day_format(days), locale=language))


def _day_format(days: int) -> str:
    """A weekday alone says which day only within a week."""
    return "EEEE, HH:mm" if days < 7 else "EEEE, d MMMM, HH:mm"


def language_names(service: Service, language: str) -> list[str]:
    """What is spoken there, in the reader's words, the reader's own language first."""
    names = Locale(language).languages
    spoken = sorted(service.languages, key=lambda code: (code != language, service.languages.index(code)))
    return [LANGUAGE_NAMES.get(code, {}).get(language) or names.get(code, code) for code in spoken]
