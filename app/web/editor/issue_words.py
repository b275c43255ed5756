"""What the checks find, in the reader's language. The checks speak English with names in between; here stand their sentences."""

import functools
import re

from app.web.i18n import Texts

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
    "give either 'local' (added) or 'messages' (instead)",
    "Field required",
    "String should have at most {most} characters",
    "String should have at least {least} character",
    "Tuple should have at most {most} items after validation, not {length}",
    "Tuple should have at least {least} item after validation, not {length}",
    "Dictionary should have at least {least} item after validation, not {length}",
)


def issue_words(words: Texts, text: str) -> str:
    """The English as it is where no sentence fits."""
    for sentence, pattern in _patterns():
        if match := pattern.fullmatch(text):
            named = {key: words.term("of_node", value) for key, value in match.groupdict().items()}
            return words.say(sentence, named)
    return text


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (sentence, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(sentence)))) for sentence in SENTENCES
    )
