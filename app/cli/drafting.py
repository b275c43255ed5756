"""`streetwork content draft …`, `content drafts`: missing languages of entries by machine, for a person to approve."""

from typing import Annotated

import typer

from app.cli.runtime import print_rows, with_hub
from app.editor import drafting
from app.editor.hints import TooLong
from app.hub import Hub


def draft_command(
    topic: Annotated[str, typer.Argument(help="an entry's topic, such as work.wage_unpaid")],
    language: Annotated[str, typer.Argument(help="bg, ro, uk or en")],
    user: Annotated[str, typer.Option(help="e-mail of the coordinator in whose name; else the first")] = "",
) -> None:
    """Draft an entry's missing language by machine. Nobody is told these words before a person has approved them."""

    async def work(hub: Hub) -> drafting.MachineDraft:
        async with hub.db.transaction() as session:
            by = await drafting.who_drafts(session, user)
            return await drafting.draft(hub, session, by, topic, language)

    made = with_hub(work)
    print(f"{made.topic} {made.language}, by machine over {' > '.join(made.route)}: a draft, not live.")
    print("\n\n".join([made.answer["question"], *made.answer["messages"]]))
    for problem in made.problems:
        print(f"to mend before it can be published: {_said(problem)}")


def drafts_command(as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False) -> None:
    """Machine drafts that wait for a person."""

    async def work(hub: Hub) -> list[drafting.MachineDraft]:
        async with hub.db.transaction() as session:
            return await drafting.drafts(session)

    rows = [
        {"topic": each.topic, "language": each.language, "problems": "; ".join(map(_said, each.problems))}
        for each in with_hub(work)
    ]  # fmt: skip
    print_rows(rows, as_json=as_json)


def _said(problem: TooLong) -> str:
    return f"{problem.what} {problem.number} has {problem.length} characters, more than {problem.most}"
