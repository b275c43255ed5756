"""`streetwork poster`: PDF posters and cards with QR codes and start codes."""

from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from app import posters, street
from app.cli.runtime import print_rows, with_hub
from app.errors import BadInput
from app.hub import Hub
from app.models import StartCode, StartCount
from flows.model import ANSWER_LANGUAGES

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.command()
def make(
    file: Annotated[Path, typer.Argument(help="the PDF to write")],
    place: Annotated[str, typer.Option(help="slug of the place where it hangs")] = "",
    language: Annotated[list[str] | None, typer.Option(help="bg, ro, uk, de or en; several for one poster")] = None,
    reader: Annotated[str, typer.Option(help=", ".join(posters.READERS))] = "wall",
    source: Annotated[str, typer.Option(help="where exactly, for your count: 'playground Neustadt'")] = "",
    flow: Annotated[str, typer.Option(help="the flow that it opens")] = "",
    topic: Annotated[str, typer.Option(help="the topic that it opens")] = "",
    cards: Annotated[bool, typer.Option(help="ten small cards on a sheet")] = False,
) -> None:
    """Make a poster, or a sheet of cards, with a code of its own for this place, language and source."""
    languages = tuple(language or ["bg"])

    async def work(hub: Hub) -> str:
        _check(hub, place, languages, reader, flow, topic)
        links = tuple(
            str(channel.options["link"])
            for channel in hub.registry.all()
            if channel.options.get("link") and channel.place in ("", *hub.shelf.library.chain(place))
        )
        if not links:
            raise BadInput("No channel has a link to print: `streetwork channel set NAME --link https://t.me/…`")
        action = f"flow:{flow}" if flow else f"topic:{topic}" if topic else None
        entry = street.Entry(place, languages[0] if len(languages) == 1 else None, action, source)
        async with hub.db.transaction() as session:
            code = await street.make_code(session, entry)
        file.write_bytes(posters.make(posters.Print(reader, languages, code, links, cards)))
        return code

    print(f"{file}: code #{with_hub(work, shelf=True)}")


@cli.command("counts")
def counts(as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False) -> None:
    """How many people came with each code, by day and app."""

    async def work(hub: Hub) -> list[dict[str, object]]:
        async with hub.db.transaction() as session:
            rows = await session.execute(
                sa.select(
                    StartCode.code, StartCode.place, StartCode.source, StartCode.language, StartCode.action,
                    StartCount.day, StartCount.channel_kind, StartCount.count,
                )
                .outerjoin(StartCount, StartCount.code_id == StartCode.id)
                .order_by(StartCode.id, StartCount.day)
            )  # fmt: skip
        names = ("code", "place", "source", "language", "opens", "day", "app", "count")
        return [dict(zip(names, [str(v) if v is not None else "" for v in row], strict=True)) for row in rows]

    print_rows(with_hub(work), as_json=as_json)


def _check(hub: Hub, place: str, languages: tuple[str, ...], reader: str, flow: str, topic: str) -> None:
    """Raises BadInput with what may be given instead."""
    library = hub.shelf.library
    for name, value, allowed in (
        ("place", place, ("", *library.places)),
        ("reader", reader, posters.READERS),
        ("flow", flow, ("", *library.flows)),
        ("topic", topic, ("", *library.entries)),
        *(("language", each, ANSWER_LANGUAGES) for each in languages),
    ):
        if value not in allowed:
            known = ", ".join(each for each in allowed if each)
            raise BadInput("There is no {name} {value}. Known: {known}", name=name, value=value, known=known)
