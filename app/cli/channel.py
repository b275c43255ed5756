"""`streetwork channel …`: accounts at providers."""

import asyncio
import json
from typing import Annotated, Any

import typer

from app import channels_admin
from app.cli.channel_options import Given, channel_options
from app.cli.runtime import print_rows, with_hub
from app.errors import NotFound
from app.hub import Hub
from app.polling import is_polled, stop_webhook, webhook_url
from app.registry import FACTORIES
from channels.base import Finding

cli = typer.Typer(no_args_is_help=True, help=__doc__)

PlaceOption = Annotated[str | None, typer.Option(help="the place that this channel serves")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@cli.command()
@channel_options
def add(
    kind: Annotated[str, typer.Argument(help=f"one of: {', '.join(sorted(FACTORIES))}")],
    name: str,
    *,
    place: PlaceOption = None,
    given: Given,
) -> None:
    """Add a channel and tell the provider where its webhooks go."""

    async def work(hub: Hub) -> tuple[str, str, list[Finding]]:
        async with hub.db.transaction() as session:
            channel = await channels_admin.add_channel(
                session, hub.vault, kind, name, place=place or "", secret_values=given.secrets, options=given.options
            )
            values = json.loads(hub.vault.decrypt(channel.secrets))
        made = "" if "verify_token" in given.secrets else values.get("verify_token", "")
        return made, f"{hub.settings.base_url}/webhooks/{name}", await _connect(hub, name)

    verify_token, callback, findings = with_hub(work)
    print(f"Channel {name} added.")
    if verify_token:
        print(
            f"Verify token, shown once: {verify_token}\n"
            "  In Meta's app dashboard, under WhatsApp > Configuration, type it into 'Verify token', beside the callback\n"
            f"  URL {callback}. If it gets lost, choose another: streetwork channel set {name} --verify-token …"
        )
    _print_findings(findings)


@cli.command("set")
@channel_options
def set_command(name: str, *, place: PlaceOption = None, given: Given) -> None:
    """Change what is given, keep the rest."""

    async def work(hub: Hub) -> list[Finding]:
        async with hub.db.transaction() as session:
            await channels_admin.set_channel(
                session, hub.vault, name, place=place, secret_values=given.secrets, options=given.options
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
        return await channel.adapter.check(webhook_url(hub, channel))

    findings = with_hub(work)
    _print_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@cli.command()
def remove(name: str) -> None:
    """Stop using a channel; its messages stay."""

    async def work(hub: Hub) -> None:
        channel = hub.registry.by_name(name)
        if channel is not None and channel.kind == "telegram":
            await stop_webhook(channel)
        async with hub.db.transaction() as session:
            await channels_admin.remove_channel(session, hub.vault, name, hub.now())

    with_hub(work)
    print(f"Channel {name} removed; its messages stay.")


async def _connect(hub: Hub, name: str) -> list[Finding]:
    """After the commit, so that the provider's first webhook finds the channel."""
    await hub.registry.load()
    channel = hub.registry.by_name(name)
    if channel is None:
        return []
    if is_polled(channel):
        return [await stop_webhook(channel)]
    return await asyncio.wait_for(channel.adapter.connect(webhook_url(hub, channel)), 60)


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        print(
            f"  {'ok     ' if finding.ok else 'WARNING'} {finding.code}{': ' + finding.detail if finding.detail else ''}"
        )
