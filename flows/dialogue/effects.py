"""What a step of a flow wants done. The router does it; the engine only says it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pick:
    """A button: `id` says flow, node and value, so that a press under an old message is still understood."""

    id: str
    label: str


@dataclass(frozen=True)
class Say:
    text: str
    picks: tuple[Pick, ...] = ()
    files: tuple[str, ...] = ()  # names of content files


@dataclass(frozen=True)
class Phrase:
    """Fixed words of the bot's catalogue."""

    key: str


@dataclass(frozen=True)
class SayAnswer:
    topic: str


@dataclass(frozen=True)
class SayServices:
    topic: str


@dataclass(frozen=True)
class OpenCase:
    reason: str
    needs: tuple[str, ...]
    urgent: bool = False
    team: str | None = None
    deadline: str | None = None  # ISO date
    promise: bool = True


@dataclass(frozen=True)
class Learn:
    """A fact about the person that outlives the flow. None: it is not so any more."""

    field: str
    value: Any


@dataclass(frozen=True)
class MakeLetter:
    letter: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Begin:
    """On in another flow, with what was said in this one."""

    flow: str
    node: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """The flow is over; `topics` may be offered."""

    topics: tuple[str, ...] = ()


Effect = Say | Phrase | SayAnswer | SayServices | OpenCase | Learn | MakeLetter | Begin | Ended
