"""How the hub reads: `understand`, `calibrate` and `gaps`."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from app import gaps
from app.cli import understand
from app.cli.runtime import print_rows, settings, with_hub
from app.content import CONTENT_DIR, understanding
from app.errors import BadInput
from app.hub import Hub
from flows.understand import Understander


def _understander() -> Understander:
    chosen = settings()
    return understanding(CONTENT_DIR, chosen.data_dir, chosen.embeddings_dir)


def understand_command(
    explain: Annotated[bool, typer.Option(help="add the reasons in plain words")] = False,
) -> None:
    """JSON lines {"id", "text", "context"?} in, what the hub understands out. Needs no database."""
    understand.run(sys.stdin, sys.stdout, _understander(), explain=explain)


def calibrate_command(
    messages: Annotated[
        Path | None, typer.Argument(help="your own messages to try, a line each: 'topic | message' or 'none | message'")
    ] = None,
) -> None:
    """From which confidence the bot answers and offers, as the calibration messages taught; learns first if content changed."""
    found = _understander()
    print(f"answers from {found.answer_from:.2f} sure, if at most {found.answer_strange:.2f} that no topic answers")
    print(f"offers from {found.offer_from:.2f} sure; hands over below")
    for name, value in found.calibrated.items():
        said = f"{value:.0f}" if value > 1 else f"{value:.1%}"
        print(f"  {name.replace('_', ' '):20} {said}")
    if messages is not None:
        _try(found, messages)


def _try(understander: Understander, messages: Path) -> None:
    """How a town's own messages come out; what comes out wrong is shown."""
    counts: Counter[str] = Counter()
    for number, line in enumerate(messages.read_text(encoding="utf-8").splitlines(), 1):
        label, bar, text = (part.strip() for part in line.partition("|"))
        if not bar:
            raise BadInput("Line {number} of {file} is not 'topic | message'.", number=number, file=messages.name)
        if label != "none" and label not in understander.topics:
            raise BadInput(
                "Line {number} of {file}: there is no topic '{topic}'.", number=number, file=messages.name, topic=label
            )
        read = understander.understand(text)
        right = read.topic == label or (label == "none" and read.decision != "answer")
        counts[f"{read.decision}, {'right' if right else 'wrong'}"] += 1
        if read.decision == "answer" and not right:
            print(f"  line {number}: answered {read.topic} ({read.confidence:.2f}) instead of {label}")
    print_rows([{"outcome": name, "messages": count} for name, count in counts.most_common()], as_json=False)


def gaps_command(
    language: Annotated[str | None, typer.Option(help="only questions in this language")] = None,
    done: Annotated[list[int] | None, typer.Option(help="mark these questions (ids) as dealt with")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line, with all ids")] = False,
) -> None:
    """Questions that the bot could not answer, grouped by likeness: material for examples and new entries."""

    async def work(hub: Hub) -> list[gaps.Group] | int:
        async with hub.db.transaction() as session:
            if done:
                return await gaps.close(session, done)
            return await gaps.open_groups(session, hub.shelf.understander, language)

    found = with_hub(work, shelf=True)
    if isinstance(found, int):
        print(f"{found} dealt with.")
        return
    rows = [
        {
            "questions": len(each.ids),
            "languages": " ".join(f"{name}:{count}" for name, count in each.languages.items()),
            "perhaps": each.guess or "-",
            "ids": " ".join(str(one) for one in each.ids),
            "words": list(each.texts) if as_json else " / ".join(each.texts[:2]),
        }
        for each in found
    ]
    print_rows(rows, as_json=as_json)
