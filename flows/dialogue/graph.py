"""A flow's model: nodes with words in five languages, and where each leads. `flows.load` reads it from YAML."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from flows.model import LABEL_CHARS, AnswerLanguage, Approval, Message, PlaceSlug, Slug, Strict

# Limits, each with its reason.
OPTIONS = 9  # one digit each; WhatsApp's lists end at ten rows, and one is for the human
WRONG_ANSWERS = 3  # who was not understood that often gets a human, not the question a fourth time
STEPS_WITHOUT_QUESTION = 40  # a flow that walks further by itself turns in a circle
BACK_STEPS = 30  # so many questions can be gone back; a conversation's row must not grow without end
SMS_QUESTION_CHARS = 300  # five UCS-2 segments: a question costs like a short answer
TEXT_CHARS = 500  # what an answer in free words may hold; more is a letter, which a human reads
CHILDREN = 15

# A button carries flow, node and value: with these lengths it fits into the 64 bytes that Telegram allows.
FlowSlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=16)]
NodeSlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
FieldKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=LABEL_CHARS)]
Words = Mapping[AnswerLanguage, Message]
Labels = Mapping[AnswerLanguage, Label]
Value = str | int | bool

Kind = Literal["place", "date", "number", "yes_no", "text", "ages", "photo"]
"""What an `ask` node wants."""
Rule = Literal["dismissal", "objection", "fourth_day", "two_weeks"]
"""Deadlines that `flows.dialogue.deadlines` computes."""


class FlowField(Strict):
    """Something a flow learns about a person or family, under one name in all flows."""

    key: FieldKey
    kind: Literal["place", "date", "number", "yes_no", "text", "ages", "choice", "checklist"]
    names: Mapping[AnswerLanguage, str]  # as the person and the staff see it: 'Ages of the children'
    values: Mapping[str, Labels] = Field(default_factory=dict)  # of a choice
    keep: bool = True  # False: forgotten when the flow ends


class Test(Strict):
    """A condition; all that it names must hold."""

    field: FieldKey | None = None
    known: bool | None = None
    equals: Value | None = None
    one_of: tuple[Value, ...] | None = None
    at_least: int | None = None  # of a number; of `ages`: some child is at least as old
    at_most: int | None = None  # of `ages`: some child is at most as old
    past: bool | None = None  # of a date: before today
    within_days: int | None = None  # of a date: today or so many days ahead
    days_ago: int | None = None  # of a date: at least so many days back
    language: tuple[str, ...] | None = None
    channel: tuple[str, ...] | None = None
    place: PlaceSlug | None = None  # there, or in a place within it
    since: date | None = None  # today is that day or later

    @model_validator(mode="after")
    def _tests_something(self) -> "Test":
        of_field = {"known", "equals", "one_of", "at_least", "at_most", "past", "within_days", "days_ago"}
        given = {name for name, value in self if value is not None}
        if not given - {"field"}:
            raise ValueError("a condition must test something")
        if given & of_field and self.field is None:
            raise ValueError(f"'{(given & of_field).pop()}' needs a field")
        if self.field is not None and not given & of_field:
            raise ValueError("says a field but not what it must be")
        return self


class _Node(Strict):
    """`notes` are for coordinators, never said."""

    notes: str = ""

    def leads_to(self) -> Iterator[str]:
        """Nodes of this flow that may come next."""
        return iter(())

    def texts(self) -> Iterator[tuple[str, Mapping[AnswerLanguage, str]]]:
        """(what it is, words per language) of everything that people read."""
        return iter(())


class _Speaking(_Node):
    text: Words
    sms: Words | None = None  # shorter words where every letter costs

    def texts(self) -> Iterator[tuple[str, Mapping[AnswerLanguage, str]]]:
        yield "text", self.text
        if self.sms:
            yield "sms", self.sms


class Say(_Speaking):
    kind: Literal["say"]
    image: Mapping[AnswerLanguage, str] | None = None  # names of files in `files/`
    audio: Mapping[AnswerLanguage, str] | None = None
    next: NodeSlug

    def leads_to(self) -> Iterator[str]:
        yield self.next


class Option(Strict):
    """One button: it leads on in this flow (`value`, `next`), or away to a `topic`'s answer or another `flow`.

    Its words are its label's, else those of the field's value, the topic or the flow.
    """

    value: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]*$", max_length=16)] = ""
    label: Labels | None = None
    when: Test | None = None  # shown only then
    next: NodeSlug | None = None
    topic: Slug | None = None
    flow: FlowSlug | None = None

    @model_validator(mode="after")
    def _leads_to_one(self) -> "Option":
        if [self.next, self.topic, self.flow].count(None) != 2:
            raise ValueError("give one of 'next', 'topic' and 'flow'")
        if self.next is not None and not self.value:
            raise ValueError("an option with 'next' needs a 'value'")
        return self


class Choose(_Speaking):
    kind: Literal["choose"]
    field: FieldKey | None = None
    options: tuple[Option, ...] = Field(min_length=1, max_length=OPTIONS)
    open: bool = False  # a menu: other words are a question of their own, not a wrong answer
    unless_known: bool = False  # not asked again where the field is known

    def leads_to(self) -> Iterator[str]:
        yield from (option.next for option in self.options if option.next)

    def texts(self) -> Iterator[tuple[str, Mapping[AnswerLanguage, str]]]:
        yield from super().texts()
        yield from ((f"option {o.value}", o.label) for o in self.options if o.label)


class Ask(_Speaking):
    """`skip`: where "I don't know" leads; without it that is a wrong answer with kind words."""

    kind: Literal["ask"]
    what: Kind
    field: FieldKey
    again: Words | None = None  # instead of the usual words on an answer that can't be read
    least: int | None = None
    most: int | None = None
    future: bool = False  # a date may lie ahead
    unless_known: bool = False
    skip: NodeSlug | None = None
    if_yes: NodeSlug | None = None
    if_no: NodeSlug | None = None
    next: NodeSlug | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Ask":
        if self.next is None and (self.what != "yes_no" or self.if_yes is None or self.if_no is None):
            raise ValueError("give 'next' (or 'if_yes' and 'if_no' of a yes_no question)")
        return self

    def after(self, value: Value | list[int]) -> str:
        chosen = (self.if_yes if value else self.if_no) if self.what == "yes_no" else None
        return chosen or self.next or ""

    def leads_to(self) -> Iterator[str]:
        yield from filter(None, (self.next, self.if_yes, self.if_no, self.skip))

    def texts(self) -> Iterator[tuple[str, Mapping[AnswerLanguage, str]]]:
        yield from super().texts()
        if self.again:
            yield "again", self.again


class Case(Strict):
    when: Test
    next: NodeSlug


class Condition(_Node):
    kind: Literal["condition"]
    cases: tuple[Case, ...] = Field(min_length=1)
    otherwise: NodeSlug

    def leads_to(self) -> Iterator[str]:
        yield from (case.next for case in self.cases)
        yield self.otherwise


class Answer(_Node):
    """Says the FAQ's approved answer."""

    kind: Literal["answer"]
    topic: Slug
    next: NodeSlug

    def leads_to(self) -> Iterator[str]:
        yield self.next


class Services(_Node):
    """Says who helps with the topic near the person: open now, or when."""

    kind: Literal["service"]
    topic: Slug
    next: NodeSlug

    def leads_to(self) -> Iterator[str]:
        yield self.next


class HandOver(_Node):
    """Opens a case. With `next` the flow goes on while the person waits, until a colleague takes the case."""

    kind: Literal["hand_over"]
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
    urgent: bool = False
    team: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")] | None = None
    needs: tuple[Slug, ...] = ()  # topics; empty: the flow's
    deadline: FieldKey | None = None  # the date field that the case must be dealt with by
    promise: bool = True  # tell the person who answers and when
    tell: tuple[FieldKey, ...] = ()  # fields that the colleague must know, of a discreet flow too
    next: NodeSlug | None = None

    def leads_to(self) -> Iterator[str]:
        yield from filter(None, (self.next,))


class Deadline(Strict):
    """A date to compute from another one by a rule of law."""

    deadline: Rule
    since: FieldKey


class Set(_Node):
    kind: Literal["set"]
    values: Mapping[FieldKey, Value | Deadline] = Field(min_length=1)
    tell: bool = False  # staff must know it, of a discreet flow too
    next: NodeSlug

    def leads_to(self) -> Iterator[str]:
        yield self.next


class GoTo(_Node):
    """On in another flow, for good."""

    kind: Literal["go_to"]
    flow: FlowSlug
    node: NodeSlug | None = None


class Letter(_Node):
    """Makes a letter from a template and what was learned: to copy, and as a PDF where the channel takes files."""

    kind: Literal["letter"]
    letter: FlowSlug
    next: NodeSlug

    def leads_to(self) -> Iterator[str]:
        yield self.next


class Item(Strict):
    """One thing to do. `topic` explains it."""

    item: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=16)]
    label: Labels
    topic: Slug | None = None
    when: Test | None = None  # only for whom it concerns


class Checklist(_Speaking):
    """A list that the person keeps, asks for later and ticks. Its items stand in the order of doing them."""

    kind: Literal["checklist"]
    field: FieldKey
    items: tuple[Item, ...] = Field(min_length=1, max_length=OPTIONS)
    next: NodeSlug  # after "done for now"

    def leads_to(self) -> Iterator[str]:
        yield self.next

    def texts(self) -> Iterator[tuple[str, Mapping[AnswerLanguage, str]]]:
        yield from super().texts()
        yield from ((f"item {item.item}", item.label) for item in self.items)


class End(_Node):
    """`text` is the last word; `next` are topics offered under it."""

    kind: Literal["end"]
    text: Words | None = None
    next: tuple[Slug, ...] = Field(default=(), max_length=3)

    def texts(self) -> Iterator[tuple[str, Mapping[AnswerLanguage, str]]]:
        if self.text:
            yield "text", self.text


Node = Annotated[
    Say | Choose | Ask | Condition | Answer | Services | HandOver | Set | GoTo | Letter | Checklist | End,
    Field(discriminator="kind"),
]
Question = Choose | Ask | Checklist
"""Nodes that wait for the person."""


class Flow(Strict):
    """A dialogue. `discreet`: nothing of it is remembered, reminded of or named in words that others may see."""

    flow: FlowSlug
    label: Labels  # on the button that starts it
    topics: tuple[Slug, ...] = ()  # offered under these answers
    words: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # whole messages that start it, per language
    discreet: bool = False
    remind: bool = True
    start: NodeSlug
    stuck: NodeSlug | None = None  # where to go on after too many wrong answers; else a colleague is called
    nodes: Mapping[NodeSlug, Node] = Field(min_length=1)
    sources: tuple[str, ...] = ()  # of the facts in its words: law, or the fact sheet's section
    approved: Mapping[AnswerLanguage, Approval] = Field(default_factory=dict)
    notes: str = ""

    def asks(self, field: str) -> bool:
        return any(isinstance(node, Ask) and node.field == field for node in self.nodes.values())

    def is_approved(self, language: str) -> bool:
        found = self.approved.get(language)  # type: ignore[call-overload]
        return found is not None and found.approved_by is not None


class LetterTemplate(Strict):
    """A letter in German with its translations; `{field}` is filled in, what is not known is a line to write on."""

    letter: FlowSlug
    names: Mapping[AnswerLanguage, str]  # the file's title
    subject: Mapping[AnswerLanguage, str]
    body: Mapping[AnswerLanguage, str]  # paragraphs are separated by an empty line
    fields: tuple[FieldKey, ...] = ()
    sources: tuple[str, ...] = ()
