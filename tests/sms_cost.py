"""`python -m tests.sms_cost`: what every answer costs by SMS, in segments per entry, language and script."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.content import CONTENT_DIR
from channels.base import Button
from channels.sms_text import for_sms, segments
from channels.text import HUMAN, numbered
from flows.library import Library, NotSayable
from flows.load import read_content
from translations.phrases import phrase

WRITERS = (
    ("bg", "Latn"),
    ("bg", "Cyrl"),
    ("ro", "Latn"),
    ("uk", "Latn"),
    ("uk", "Cyrl"),
    ("de", "Latn"),
    ("en", "Latn"),
)
GREETING = "(greeting)"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of an entry's words alone, and with the choices that stand below them."""

    words: int
    with_choices: int
    encoding: str


def library() -> Library:
    return Library.from_data((kind, key, 1, data) for kind, key, data in read_content(CONTENT_DIR).pieces())


def costs(found: Library, on: date) -> Iterator[tuple[str, str, str, Cost]]:
    """(entry, language, script, cost), the greeting first; entries without words in a language are left out."""
    for language, script in WRITERS:
        greeting = phrase("greeting.sms", language)
        yield GREETING, language, script, _cost(greeting, greeting, language, script)
        for topic in sorted(found.entries):
            try:
                said = found.say(topic, language, "", on)
            except NotSayable:
                continue
            labels = [(f"topic:{slug}", found.label(slug, language) or "") for slug in said.next]
            buttons = [Button(action, label) for action, label in [*labels, (HUMAN, phrase("button.human", language))]]
            folded = [Button(button.id, for_sms(button.label, language, script)) for button in buttons]
            whole = f"{for_sms(said.sms, language, script)}\n{numbered(folded)}"
            yield topic, language, script, _cost(said.sms, whole, language, script)


def _cost(words: str, whole: str, language: str, script: str) -> Cost:
    counted = segments(for_sms(whole, language, script))
    return Cost(segments(for_sms(words, language, script)).count, counted.count, counted.encoding)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sms_cost", description=__doc__)
    parser.add_argument("--cents", type=float, default=7.5, help="the price of one segment")
    parser.add_argument("--entries", action="store_true", help="a line for every entry")
    options = parser.parse_args()
    rows = list(costs(library(), datetime.now(UTC).date()))
    write = sys.stdout.write
    write(f"{'':24}{'entries':>8}{'median':>8}{'mean':>7}{'most':>6}{'GSM-7':>7}{'answer, ct':>12}\n")
    for language, script in WRITERS:
        counts = sorted(
            cost.with_choices for topic, *who, cost in rows if who == [language, script] and topic != GREETING
        )
        gsm = sum(
            cost.encoding == "GSM-7" for topic, *who, cost in rows if who == [language, script] and topic != GREETING
        )
        mean = sum(counts) / len(counts)
        write(
            f"{language} {script:21}{len(counts):8}{counts[len(counts) // 2]:8}{mean:7.1f}{counts[-1]:6}"
            f"{gsm:7}{mean * options.cents:12.1f}\n"
        )
    if options.entries:
        heads = [f"{language} {script}" for language, script in WRITERS]
        write(f"\n{'segments (with choices)':40}" + "".join(f"{head:>10}" for head in heads) + "\n")
        table = {(topic, language, script): cost for topic, language, script, cost in rows}
        for topic in [GREETING, *sorted({topic for topic, *_ in rows} - {GREETING})]:
            cells = [table.get((topic, *who)) for who in WRITERS]
            shown = [f"{cell.words} ({cell.with_choices})" if cell else "–" for cell in cells]
            write(f"{topic:40}" + "".join(f"{cell:>10}" for cell in shown) + "\n")


if __name__ == "__main__":
    main()
