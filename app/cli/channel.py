"""`streetwork channel …`: accounts at providers."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from app import channels_admin
from app.cli.runtime import print_rows, secret, with_hub
from app.errors import NotFound
from app.hub import Hub
from channels.base import Finding

cli = typer.Typer(no_args_is_help=True, help=__doc__)

Token = Annotated[str | None, typer.Option(help="telegram: the bot's token")]
TokenFile = Annotated[Path | None, typer.Option(help="the same from a file; '-' reads standard input")]
WebhookSecret = Annotated[str | None, typer.Option(help="telegram: made when missing")]
WebhookSecretFile = Annotated[Path | None, typer.Option()]
Mode = Annotated[str | None, typer.Option(help="telegram: webhook (default) or polling")]
ApiBase = Annotated[str | None, typer.Option(help="in place of the provider's scheme and host")]
PlaceOption = Annotated[str | None, typer.Option(help="the place that this channel serves")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@cli.command()
def add(
    kind: str,
    name: str,
    token: Token = None,
    token_file: TokenFile = None,
    webhook_secret: WebhookSecret = None,
    webhook_secret_file: WebhookSecretFile = None,
    mode: Mode = None,
    api_base: ApiBase = None,
    place: PlaceOption = None,
) -> None:
    """Add a channel and tell the provider where its webhooks go."""
    secrets = {
        "token": secret(token, token_file, "the token"),
        "webhook_secret": secret(webhook_secret, webhook_secret_file, "the webhook secret"),
    }

    async def work(hub: Hub) -> list[Finding]:
        async with hub.db.transaction() as session:
            await channels_admin.add_channel(
                session,
                hub.vault,
                kind,
                name,
                place=place or "",
                secret_values=secrets,
                options=_options(mode, api_base),
            )
        return await _connect(hub, name)

    findings = with_hub(work)
    print(f"Channel {name} added.")
    _print_findings(findings)


@cli.command("set")
def set_command(
    name: str,
    token: Token = None,
    token_file: TokenFile = None,
    webhook_secret: WebhookSecret = None,
    webhook_secret_file: WebhookSecretFile = None,
    mode: Mode = None,
    api_base: ApiBase = None,
    place: PlaceOption = None,
) -> None:
    """Change what is given, keep the rest."""
    secrets = {
        "token": secret(token, token_file, "the token"),
        "webhook_secret": secret(webhook_secret, webhook_secret_file, "the webhook secret"),
    }

    async def work(hub: Hub) -> list[Finding]:
        async with hub.db.transaction() as session:
            await channels_admin.set_channel(
                session, hub.vault, name, place=place, secret_values=secrets, options=_options(mode, api_base)
            )
        return await _connect(hub, name)

    findings = with_hub(work)
    print(f"Channel {name} changed.")
    _print_findings(findings)


@cli.command("list")
def list_command(as_json: Json = False) -> None:
    async def work(hub: Hub) -> list[dict[str, Any]]:
        async with hub.db.transaction() as session:
            return [
                {"name": c.name, "kind": c.kind, "place": c.place, "mode": c.options.get("mode", "")}
                for c in await channels_admin.list_channels(session)
            ]

    print_rows(with_hub(work), as_json=as_json)


@cli.command()
def check(name: str) -> None:
    """Ask the provider, and tell what is wrong; exit 1 if something is."""

    async def work(hub: Hub) -> list[Finding]:
        channel = hub.registry.by_name(name)
        if channel is None:
            raise NotFound(f"There is no channel named {name}.")
        return await channel.adapter.check(webhook_url(hub, name))

    findings = with_hub(work)
    _print_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@cli.command()
def remove(name: str) -> None:
    """Stop using a channel; its messages stay."""

    async def work(hub: Hub) -> None:
        async with hub.db.transaction() as session:
            await channels_admin.remove_channel(session, hub.vault, name, hub.now())

    with_hub(work)
    print(f"Channel {name} removed; its messages stay.")


def webhook_url(hub: Hub, name: str) -> str:
    return f"{hub.settings.base_url}/webhooks/{name}"


async def _connect(hub: Hub, name: str) -> list[Finding]:
    """After the commit, so that the provider's first webhook finds the channel."""
    await hub.registry.load()
    channel = hub.registry.by_name(name)
    if channel is None:
        return []
    if channel.options.get("mode") == "polling":
        return []
    return await asyncio.wait_for(channel.adapter.connect(webhook_url(hub, name)), 60)


def _options(mode: str | None, api_base: str | None) -> dict[str, str]:
    options = {"mode": mode or "", "api_base": (api_base or "").rstrip("/")}
    return {key: value for key, value in options.items() if value}


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        print(
            f"  {'ok     ' if finding.ok else 'WARNING'} {finding.code}{': ' + finding.detail if finding.detail else ''}"
        )
