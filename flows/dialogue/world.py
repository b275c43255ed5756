"""What a flow may know of the world at one step. Everything is passed in: the engine asks nobody."""

from dataclasses import dataclass
from datetime import date

from flows.library import Library


@dataclass(frozen=True)
class World:
    """`channel` is the kind: telegram, sms, whatsapp-twilio, whatsapp-cloud or webchat; `short`: every letter costs."""

    library: Library
    language: str
    channel: str
    place: str
    today: date
    short: bool = False

    @property
    def places(self) -> list[str]:
        """The place and those it lies in."""
        return self.library.chain(self.place)

    @property
    def land(self) -> str | None:
        """The Land's code in ISO 3166-2:DE, as far as the place tells it."""
        return next((land for slug in self.places if (land := self.library.places[slug].land)), None)


@dataclass(frozen=True)
class Given:
    """What the person did: words, a button, or the words and numbers that stand for one."""

    text: str = ""
    button: str | None = None
    says: str | None = None  # "yes" or "no", where the words mean that
    kind: str = "text"  # or photo, document, voice…
