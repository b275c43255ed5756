"""What goes into understanding a message and what comes out; the router and the command line read these."""

from dataclasses import dataclass
from typing import Literal

from translations.script import Script

Decision = Literal["answer", "offer", "handover", "intent"]


@dataclass(frozen=True)
class Context:
    """What the conversation knows already. `offered`: topics in the order in which the bot last offered them.

    `answering`: the bot asked something, and a few words are most likely the answer.
    """

    language: str | None = None
    place: str | None = None
    last_topic: str | None = None
    offered: tuple[str, ...] = ()
    answering: bool = False


@dataclass(frozen=True)
class Candidate:
    """`score` is like a probability: 0 to 1, over all topics and "no topic" together."""

    topic: str
    score: float


@dataclass(frozen=True)
class Understanding:
    """How one message was read. `reasons` are plain words for coordinators; everything else is for the router."""

    language: str
    script: Script
    language_sure: bool
    decision: Decision
    topic: str | None = None  # the best guess where the decision is `answer` or `offer`
    topics: tuple[str, ...] = ()  # one or two needs
    candidates: tuple[Candidate, ...] = ()  # the best three, whatever the decision
    confidence: float = 0.0  # the chance that the first candidate is right
    intent: str | None = None
    intent_sure: bool = False  # named by the lists; a learnt one may be wrong
    language_wanted: str | None = None  # for the intent `language`, where one was named
    urgent: bool = False
    danger: tuple[str, ...] = ()
    deadline: bool = False
    reasons: tuple[str, ...] = ()
