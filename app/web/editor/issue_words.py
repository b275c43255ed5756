"""What the checks find, in the reader's language. The checks speak English with names in between; here stand their sentences."""

import functools
import re

from app.web.i18n import Texts
from flows.aspects import DAY
from flows.library import MODELS

FIELDS = frozenset(name for model in MODELS.values() for name in model.model_fields)

SENTENCES = (
    "has no first step",
    "leads nowhere yet",
    "starts at the node {name}, which does not exist",
    "leads to the node {name}, which does not exist",
    "leads to the node {name} when stuck, which does not exist",
    "cannot be reached from the start",
    "is a dead end: from here the dialogue never ends",
    "has no way to a human: no node hands over",
    "is in a loop without a question: it would never end",
    "has no words in this language ({what})",
    "is too long for SMS ({length} of {most}): give 'sms'",
    "its SMS is too long ({length} of {most})",
    "names {name}, which is neither a field nor a figure",
    "names the topic {name}, which has no entry",
    "names the field {name}, which fields.yaml does not know",
    "asks for a {kind}, but {name} is a {other}",
    "shows the file {name}, which does not exist",
    "makes the letter {name}, which does not exist",
    "goes on in the flow {name}, which does not exist",
    "goes on at {name}, which does not exist",
    "tests for the unknown place {name}",
    "the option {name} has no words: neither here nor in the field",
    "leads to the flow {name}, which does not exist",
    "is offered under the topic {name}, which has no entry",
    "is a draft: nobody has approved it",
    "has the same value twice",
    "may have nothing to choose: every option has a condition",
    "a condition must test something",
    "says a field but not what it must be",
    "give 'next' (or 'if_yes' and 'if_no' of a yes_no question)",
    "give one of 'next', 'topic' and 'flow'",
    "an option with 'next' needs a 'value'",
    "the short name {name} is taken by now: choose that one, or give another name",
    "what is remembered needs a name, and words of {most} letters at most",
    "'{said}' is said after the end",
    "'{what}' needs a field",
    "'today' is a day like 2026-11-22, 'known' a map of fields",
    "{name} asks nothing",
    "{name} can't be passed",
    "{name} walks on without a question",
    "{name} is missing",
    "begins with flow, language, channel and today, then an empty line",
    "there are no dialogues in this language or on this channel",
    "there is no flow {name}",
    "there is no node {name}",
    "there is no button {name}",
    "A dialogue to keep begins with a flow, in a language that has answers.",
    "can't be played",
    "can't be played: {why}",
    "cannot be reached: no address, phone or page is known",
    "differs in its line ends",
    "line {number} should be '{old}', but is '{new}'",
    "give either 'local' (added) or 'messages' (instead)",
    "has a long sentence: {start}",
    "has a message of more than {most} characters",
    "has a text for the unknown place {name}",
    "has hours although its source is old (ask_first)",
    "has no German text: colleagues must understand what they send",
    "has no answer in this language",
    "has no entry: who asks is passed on to a person",
    "has no example messages: nobody who asks will be understood",
    "has no text in this language: the German one is offered",
    "has only {count} messages; {least} or more are understood well",
    "has other variables than the German text",
    "has the German word {word} outside brackets",
    "has the amount {amount} written by hand; no figure reminds of it",
    "has the message '{text}', which is also one of {others}",
    "helps with the topic {name}, which has no entry",
    "is empty, too long, or has a name of other characters than a to z, 0 to 9 and _",
    "is for the unknown place {name}",
    "is not said any more: it was valid until {day}",
    "is valid until a day before it is valid from",
    "lies in the unknown place {name}",
    "makes more than {most} messages with the general ones",
    "names the recording {name}, which is not there",
    "names the topic {name} as next, which has no entry",
    "names the unknown figure {name}",
    "names the unknown variable {name}",
    "nobody has entered when a person is on duty",
    "says nothing in this language ({what})",
    "sends the file {name}, which does not exist",
    "the directory knows nobody here for: {names}",
    "the number {number} ({who}) has not been called yet",
    "was last looked at more than {years} years ago, or nobody knows when: ask_first",
    "was to be reviewed on {day}",
)
PYDANTIC = (
    "Field required",
    "String should have at most {most} characters",
    "String should have at least {least} character",
    "Tuple should have at most {most} items after validation, not {length}",
    "Tuple should have at least {least} item after validation, not {length}",
    "Dictionary should have at least {least} item after validation, not {length}",
    "Extra inputs are not permitted",
    "Input should be a valid string",
    "Input should be a valid integer",
    "Input should be a valid dictionary",
    "Input should be a valid boolean",
    "Input should be a valid tuple",
    "String should match pattern '{pattern}'",
    "Input should be a valid date in the format YYYY-MM-DD, {why}",
    "Input should be a valid date or datetime, {why}",
    "Input should be greater than or equal to {least}",
    "Input should be less than or equal to {most}",
    "Input should be {names}",
)
"""What keeps a draft from being read at all, in the words of the library that reads it."""
PREFIXED = re.compile(r"([a-z][a-z0-9_.]*): (.+)", re.DOTALL)
"""The name of a dialogue or flow before what is wrong in it."""


def issue_words(words: Texts, text: str) -> str:
    """The English as it is where no sentence fits: a gap that somebody of the town described in their own words."""
    return _known(words, text) or text


def _known(words: Texts, text: str) -> str:
    for sentence, pattern in _patterns():
        if match := pattern.fullmatch(text):
            return words.say(sentence, {key: _named(words, value) for key, value in match.groupdict().items()})
    prefixed = PREFIXED.fullmatch(text)
    rest = _known(words, prefixed[2]) if prefixed else ""
    return f"{prefixed[1]}: {rest}" if prefixed and rest else ""


def _named(words: Texts, value: str) -> str:
    """A day as people write it, a sentence within the sentence, a field's name."""
    if DAY.fullmatch(value):
        return words.iso_date(value)
    return _known(words, value) or words.term("of_node", value)


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (sentence, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(sentence))))
        for sentence in (*SENTENCES, *PYDANTIC)
    )
