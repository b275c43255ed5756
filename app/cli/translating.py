"""`streetwork translate` and `streetwork translations …`: on files and folders only, without the database."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from app.cli.runtime import print_rows, settings
from app.errors import BadInput
from translations.machine import BadPackage, Installed, Machine, NoRoute, TooSlow, install, installed, remove, try_out
from translations.machine.index import fetched

cli = typer.Typer(no_args_is_help=True, help="`streetwork translations …`: packages of the machine translation.")

Json = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


def translate_command(
    source: Annotated[str, typer.Option("--from", help="language code, such as bg")],
    target: Annotated[str, typer.Option("--to", help="language code, such as de")],
) -> None:
    """Translate standard input to standard output, with the packages of this hub."""
    chosen = settings()
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise BadInput("This is no text in UTF-8.") from error
    memory, seconds = chosen.translation_memory_mb * 1_000_000, max(chosen.translation_seconds, len(text) / 10)
    machine = Machine(chosen.packages_dir, memory=memory, seconds=seconds)
    try:
        result = asyncio.run(machine.translate(text, source, target))
    except NoRoute as error:
        raise BadInput("{reason}", reason=str(error)) from error
    except TooSlow as error:
        raise BadInput("This takes too long.") from error
    except Exception as error:
        raise BadInput(f"A package is damaged ({type(error).__name__}). Install it again.") from error
    finally:
        machine.close()
    sys.stdout.write(result.text)
    if len(result.route) > 2:
        print(f"over {', '.join(result.route[1:-1])}", file=sys.stderr)
    if result.untouched:
        print(f"{len(result.untouched)} sentence(s) stayed as they were", file=sys.stderr)


@cli.command("list")
def list_command(as_json: Json = False) -> None:
    """What is installed."""
    print_rows((_row(each) for each in installed(settings().packages_dir)), as_json=as_json)


@cli.command("install")
def install_command(
    wishes: Annotated[list[str], typer.Argument(help="files (.argosmodel), pairs (bg_en) or languages (bg)")],
) -> None:
    """Install packages: a file, or by code from Argos' index where there is internet."""
    folder = settings().packages_dir
    files = [wish for wish in wishes if _is_file(wish)]
    codes = [wish for wish in wishes if wish not in files]
    try:
        _install(map(Path, files), folder)
        if codes:
            with fetched(codes) as fetching:
                _install(fetching, folder)
    except BadPackage as error:
        raise BadInput(error.message, **error.detail) from error


@cli.command("remove")
def remove_command(pair: Annotated[str, typer.Argument(help="such as bg_en")]) -> None:
    """Remove a package; the hub stops using it at once."""
    try:
        remove(pair, settings().packages_dir)
    except BadPackage as error:
        raise BadInput(error.message, **error.detail) from error
    print(f"{pair} was removed.")


def _is_file(wish: str) -> bool:
    return "/" in wish or "." in wish or Path(wish).exists()


def _install(files: Iterable[Path], folder: Path) -> None:
    for file in files:
        made = install(file, folder, try_out)
        print(
            f"{made.pair} {made.version} is installed, {made.size // 1_000_000} MB, sha256 {made.checksum}", flush=True
        )


def _row(each: Installed) -> dict[str, object]:
    return {
        "pair": each.pair, "version": each.version, "mb": round(each.size / 1_000_000, 1), "installed": each.at[:10],
        "sha256": each.checksum,
    }  # fmt: skip
