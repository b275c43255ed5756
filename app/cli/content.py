"""`streetwork content …`: load, check, export."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import publishing
from app.cli.runtime import print_rows, with_hub
from app.content import CONTENT_DIR
from app.hub import Hub
from flows.check import check_content
from flows.dialogue.transcript import check_transcripts
from flows.load import BadContent, Content, read_content, write_content

cli = typer.Typer(no_args_is_help=True, help=__doc__)

Folder = Annotated[Path, typer.Argument(help="a content folder; the hub's own starter content by default")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@cli.command()
def load(folder: Folder = CONTENT_DIR) -> None:
    """Publish what is new or changed in the files; what was edited in the hub is never overwritten."""
    content = _read(folder)
    failing = [issue for issue in check_transcripts(content, folder) if issue.severity == "error"]
    for issue in failing:
        print(f"{issue.where}: {issue.text}")
    if failing:
        print("Nothing was loaded: a flow whose dialogues fail must not go live.")
        raise typer.Exit(1)

    async def work(hub: Hub) -> publishing.Loaded:
        async with hub.db.transaction() as session:
            origin: publishing.Origin = "starter" if folder.resolve() == CONTENT_DIR else "file"
            return await publishing.load(session, content, origin=origin, source=folder.resolve().name)

    result = with_hub(work)
    print(f"{len(result.published)} published, {len(result.unchanged)} unchanged, {len(result.kept)} kept.")
    for name in result.kept:
        newer = ", and newer ones wait in the editor, under /editor/incoming" if name in result.waiting else ""
        print(f"  kept, as this town has its own words{newer}: {name}")


@cli.command()
def check(
    folder: Folder = CONTENT_DIR,
    as_json: Json = False,
    rewrite: Annotated[
        bool, typer.Option(help="write the dialogues anew as they are played today; review the change")
    ] = False,
) -> None:
    """Print what is wrong or open; exit 1 if something must not go live."""
    content = _read(folder)
    issues = check_content(content, datetime.now(UTC).date())
    issues = [*check_transcripts(content, folder, rewrite=rewrite), *issues]
    print_rows(
        [{"severity": i.severity, "where": i.where, "language": i.language or "", "issue": i.text} for i in issues],
        as_json=as_json,
    )
    if any(issue.severity == "error" for issue in issues):
        raise typer.Exit(1)


@cli.command()
def export(folder: Annotated[Path, typer.Argument(help="a folder to write to")]) -> None:
    """Write what is live as the files that `load` reads."""

    async def work(hub: Hub) -> int:
        async with hub.db.transaction() as session:
            return write_content(folder, await publishing.export(session))

    try:
        print(f"{with_hub(work)} pieces written to {folder}.")
    except BadContent as error:
        print(error)
        raise typer.Exit(1) from None


def _read(folder: Path) -> Content:
    try:
        return read_content(folder)
    except BadContent as error:
        print(error)
        raise typer.Exit(1) from None
