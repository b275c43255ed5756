"""`streetwork translations evaluate`: how the installed packages do on sentences that people of this hub checked."""

from typing import Annotated

import typer

from app.cli.runtime import print_rows, with_hub
from app.errors import BadInput
from app.quality import describe, evaluate


def evaluate_command(
    pair: Annotated[str, typer.Option("--pair", help="only this pair, such as bg_de")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """chrF of the installed packages per pair, with the ids and scores of the worst sentences; higher is better."""
    scores = with_hub(lambda hub: evaluate(hub, pair))
    if pair and not scores:
        raise BadInput("Nothing is remembered for {pair} yet: mediators make the memory.", pair=pair)
    print_rows(describe(scores), as_json=as_json)
