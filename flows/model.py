"""The content's types: entries (approved answers), figures (dated values), places. `flows.load` reads them from YAML."""

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

ANSWER_LANGUAGES = ("bg", "ro", "uk", "de", "en")
"""Languages in which answers exist (ISO 639-1)."""
UNDERSTOOD_LANGUAGES = (*ANSWER_LANGUAGES, "ru", "tr")
"""Languages that people write in and the hub understands."""

AnswerLanguage = Literal["bg", "ro", "uk", "de", "en"]

# Limits, each with its reason.
MESSAGE_CHARS = 700  # what people read on a small screen without scrolling away; style sheet of the content
MESSAGES = 3  # more than three bubbles in a row are not read
LABEL_CHARS = 20  # WhatsApp's reply buttons cut there; the same label everywhere
SMS_CHARS = 400  # six UCS-2 segments: what one answer may cost by SMS
NEXT_BUTTONS = 3  # WhatsApp allows three
FILE_BYTES = 1_000_000  # what a phone with little data left still opens
TRANSCRIPT_CHARS = 20_000  # a dialogue that nobody reads to its end is not reviewed

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
PlaceSlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Message = Annotated[str, StringConstraints(min_length=1, max_length=MESSAGE_CHARS, strip_whitespace=True)]

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""`{minimum_wage}` in a text is the figure of that key at the date of speaking; `{year}` is that date's year."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Approval(Strict):
    """Who of the town approved a text, and when; empty until a named person did. Nobody who builds the hub fills it in."""

    approved_by: str | None = None
    approved_on: date | None = None


class Answer(Approval):
    """An entry's words in one language."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=LABEL_CHARS)]  # on buttons and in menus
    question: str  # the topic in the reader's everyday words; the page's title
    words: tuple[str, ...] = ()  # everyday words that the ABC lists this answer under
    messages: tuple[Message, ...] = Field(min_length=1, max_length=MESSAGES)
    sms: Annotated[str, StringConstraints(min_length=1, max_length=SMS_CHARS)]


class LocalAnswer(Approval):
    """What differs in one place: `local` is said after the general messages, or `messages` stand in their stead."""

    local: Message | None = None
    messages: tuple[Message, ...] | None = Field(default=None, max_length=MESSAGES)
    sms: Annotated[str, StringConstraints(max_length=SMS_CHARS)] | None = None

    @model_validator(mode="after")
    def _one_of(self) -> "LocalAnswer":
        if (self.local is None) == (self.messages is None):
            raise ValueError("give either 'local' (added) or 'messages' (instead)")
        return self


class Source(Strict):
    law: str | None = None  # "§ 2 NachwG"
    page: str | None = None  # title and owner of a page, with its date in `seen`
    seen: str | None = None  # "2026-02" or "undated"
    code: str  # the fact sheet's confidence code: V-LAW, V-WEB 2026-02, SEED, CALC


class Phone(Strict):
    """A number that an answer shows. `tested_on` is filled by the coordinator who called it."""

    number: str
    who: str
    code: str
    tested_on: date | None = None


class Entry(Strict):
    """An FAQ entry: the answer to one topic per language and, where it differs, per place."""

    topic: Slug
    sources: tuple[Source, ...] = Field(min_length=1)
    law_as_of: date
    valid_from: date | None = None
    valid_until: date | None = None  # after that day the text is not said: the question goes to a human
    review_on: date
    next: tuple[Slug, ...] = Field(default=(), max_length=NEXT_BUTTONS)
    phones: tuple[Phone, ...] = ()
    gaps: tuple[str, ...] = ()  # what the coordinator must find out; shown by `content check`
    answers: Mapping[AnswerLanguage, Answer]
    places: Mapping[PlaceSlug, Mapping[AnswerLanguage, LocalAnswer]] = Field(default_factory=dict)
    audio: Mapping[AnswerLanguage, str] = Field(default_factory=dict)  # the answer read aloud: names of files


class FigureValue(Strict):
    since: date
    until: date | None = None
    value: str  # with a point as decimal mark: "13.90"


class Figure(Strict):
    """A number that the law changes by date, such as the minimum wage; texts name it as `{key}`."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    unit: Literal["eur", "plain"]
    values: tuple[FigureValue, ...] = Field(min_length=1)
    source: Source


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Span(Strict):
    """Opening hours on one day, local time of the place."""

    start: time
    end: time


class Hours(Strict):
    """Usual weekly hours, and days on which others hold. No week at all means that nobody has said yet."""

    week: Mapping[Weekday, tuple[Span, ...]] = Field(default_factory=dict)
    days: Mapping[date, tuple[Span, ...]] = Field(default_factory=dict)  # an empty list: closed on that day
    always: bool = False  # day and night

    @property
    def known(self) -> bool:
        return self.always or bool(self.week)


class Place(Strict):
    """A town or district the hub serves. `duty`: when a streetworker is there, where no roster says who."""

    slug: PlaceSlug
    parent: PlaceSlug | None = None
    names: Mapping[AnswerLanguage, str]
    served: bool = True  # offered to people to choose; a Land only groups its towns
    timezone: str = "Europe/Berlin"
    land: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None  # a Land's code, ISO 3166-2:DE
    duty: Hours = Hours()
    on_holidays: bool = False  # on public holidays as on other days
    alerts: tuple[str, ...] = ()  # e-mail addresses that hear of an urgent case that nobody takes
    returns: Annotated[int, Field(ge=1, le=24 * 60)] | None = None
    """Minutes until an unanswered case of somebody off duty is everybody's again. None: as around it, else as in the hub."""


class Service(Strict):
    """An office or advice centre. What is not known stays out, and is a gap for the coordinator; nothing is guessed."""

    slug: PlaceSlug
    name: str  # as on the door, in German
    about: Mapping[AnswerLanguage, str]  # what it does and for whom, one short sentence
    level: Literal["bund", "land", "kreis", "stadt", "verein"]
    places: tuple[PlaceSlug, ...] = ()  # empty: for the whole country
    topics: tuple[Slug, ...] = Field(min_length=1)
    address: str | None = None
    phones: tuple[Phone, ...] = ()
    email: str | None = None
    web: str | None = None
    hours: Hours = Hours()
    languages: tuple[str, ...] = ()  # spoken there, ISO 639-1
    free: bool | None = None
    how: Mapping[AnswerLanguage, str] = Field(default_factory=dict)  # how to reach it, where that needs words
    source: Source
    checked_on: date | None = None  # when a coordinator last confirmed it
    ask_first: bool = False  # the source is old: shown without hours, with 'please ask first'
    gaps: tuple[str, ...] = ()
    closed_on: date | None = None  # for good; it stays as a version, so that starter content doesn't bring it back


class TemplateWords(Strict):
    """A template's words in one language, and under which name each provider has approved them."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    meta_name: str | None = None  # the name at Meta; filled in when Meta has approved it
    content_sid: str | None = None  # Twilio's; likewise

    def at(self, channel_kind: str) -> str | None:
        return self.content_sid if channel_kind == "whatsapp-twilio" else self.meta_name


class MessageTemplate(Strict):
    """A WhatsApp message that may be sent outside the 24-hour window, once the provider has approved it."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    purpose: str
    category: Literal["utility", "marketing"] = "utility"
    languages: Mapping[AnswerLanguage, TemplateWords]


FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)]


class ContentFile(Strict):
    """A picture, recording or form that answers, flows and canned replies send; `content` is Base64, so that it lives where
    all content lives."""

    name: FileName
    mime: Literal["image/png", "image/jpeg", "audio/ogg", "audio/mpeg", "application/pdf"]
    content: str = Field(max_length=FILE_BYTES * 4 // 3 + 4)

    @property
    def data(self) -> bytes:
        return b64decode(self.content)


class StoredTranscript(Strict):
    """A dialogue that must go on being as it is, as one file of text (`flows.dialogue.transcript`)."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=60)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=TRANSCRIPT_CHARS, strip_whitespace=True)]
