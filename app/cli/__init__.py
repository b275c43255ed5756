"""`streetwork`: every command works while `serve` runs and when it doesn't."""

import sys

import typer

from app.cli import (
    backup,
    channel,
    content,
    diagnose,
    drafting,
    evaluating,
    messages,
    poster,
    reading,
    server,
    translating,
    user,
)  # fmt: skip
from app.errors import HubError
from flows.load import BadContent

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
cli.command("serve")(server.serve_command)
cli.command("worker")(server.worker_command)
cli.command("migrate")(server.migrate_command)
cli.command("understand")(reading.understand_command)
cli.command("calibrate")(reading.calibrate_command)
cli.command("gaps")(reading.gaps_command)
cli.command("backup")(backup.backup_command)
cli.command("restore")(backup.restore_command)
cli.command("doctor")(diagnose.doctor_command)
content.cli.command("draft")(drafting.draft_command)
content.cli.command("drafts")(drafting.drafts_command)
cli.add_typer(content.cli, name="content")
cli.add_typer(channel.cli, name="channel")
cli.add_typer(user.cli, name="user")
cli.add_typer(messages.cli, name="messages")
cli.add_typer(poster.cli, name="poster")
translating.cli.command("evaluate")(evaluating.evaluate_command)
cli.command("translate")(translating.translate_command)
cli.add_typer(translating.cli, name="translations")


def main() -> None:
    try:
        cli()
    except HubError as error:
        print(error.message.format_map(error.detail), file=sys.stderr)
        raise SystemExit(1) from None
    except BadContent as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
