"""What the checks find, in the reader's language. The checks speak English with names in between; here stand their sentences."""

import functools
import re

from app.web.i18n import Texts
from flows.aspects import DAY

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
    "Field required",
    "String should have at most {most} characters",
    "String should have at least {least} character",
    "Tuple should have at most {most} items after validation, not {length}",
    "Tuple should have at least {least} item after validation, not {length}",
    "Dictionary should have at least {least} item after validation, not {length}",
)

ABOUT_TEXTS = (
    "has no answer in this language",
    "names the topic {name} as next, which has no entry",
    "has a text for the unknown place {name}",
    "names the recording {name}, which is not there",
    "is valid until a day before it is valid from",
    "is not said any more: it was valid until {day}",
    "was to be reviewed on {day}",
    "has a long sentence: {words}",
    "has the German word {word} outside brackets",
    "has the amount {amount} written by hand; no figure reminds of it",
    "makes more than {most} messages with the general ones",
    "names the unknown figure {name}",
    "lies in the unknown place {name}",
    "nobody has entered when a person is on duty",
    "the directory knows nobody here for: {topics}",
    "the number {number} ({who}) has not been called yet",
    "give either 'local' (added) or 'messages' (instead)",
    "is for the unknown place {name}",
    "sends the file {name}, which does not exist",
    "has no German text: colleagues must understand what they send",
    "has no text in this language: the German one is offered",
    "names the unknown variable {name}",
    "has other variables than the German text",
    "has the message '{words}', which is also one of {others}",
    "has no example messages: nobody who asks will be understood",
    "has no entry: who asks is passed on to a person",
    "has a message of more than {most} characters",
    "has only {count} messages; {least} or more are understood well",
    "line {n} should be '{old}', but is '{new}'",
    "'{words}' is said after the end",
    "there is no button {name}",
    "can't be played: {why}",
    "there is no flow {name}",
    "differs in its line ends",
)
"""Of `flows.check`, of canned replies, example messages and stored dialogues."""

NAME = re.compile(r"\\\{(\w+)\\\}")  # in an escaped sentence


def issue_words(words: Texts, text: str) -> str:
    """The English as it is where no sentence fits: open questions are a colleague's own words."""
    for sentence, pattern in _patterns():
        if match := pattern.fullmatch(text):
            return words.say(sentence, {key: _named(words, value) for key, value in match.groupdict().items()})
    return text


def dialogue_words(words: Texts, name: str, problem: str) -> str:
    """What a stored dialogue fails with begins with its name, which stands beside it on every page."""
    return issue_words(words, problem.removeprefix(f"{name}: "))


def _named(words: Texts, value: str) -> str:
    return words.iso_date(value) if DAY.fullmatch(value) else words.term("of_node", value)


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(NAME.sub(r"(?P<\1>.+?)", re.escape(each)))) for each in (*SENTENCES, *ABOUT_TEXTS))
