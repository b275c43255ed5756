"""`streetwork user …`: staff accounts."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from app import auth, two_factor
from app.cli.runtime import print_rows, secret, with_hub
from app.hub import Hub

cli = typer.Typer(no_args_is_help=True, help=__doc__)

PasswordFile = Annotated[Path | None, typer.Option(help="file with the password; '-' reads standard input")]
TwoFactorOff = Annotated[bool, typer.Option("--two-factor-off", help="sign in with the password alone again")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@cli.command()
def add(email: str, role: Annotated[str, typer.Option()], name: str = "", password_file: PasswordFile = None) -> None:
    """Add a member of staff; without a password file a password is made and printed once."""
    password, made = _password(password_file)

    async def work(hub: Hub) -> None:
        async with hub.db.transaction() as session:
            await auth.create_user(session, email, role, password, name=name or email.split("@")[0])

    with_hub(work)
    print(f"{email} can sign in." + (f" Password (shown once): {password}" if made else ""))


@cli.command("list")
def list_command(as_json: Json = False) -> None:
    async def work(hub: Hub) -> list[dict[str, object]]:
        async with hub.db.transaction() as session:
            return [
                {"email": u.email, "name": u.name, "role": u.role, "disabled": u.disabled_at is not None}
                for u in await auth.list_users(session)
            ]

    print_rows(with_hub(work), as_json=as_json)


@cli.command()
def reset(email: str, password_file: PasswordFile = None, two_factor_off: TwoFactorOff = False) -> None:
    """A new password; every session of this account ends. For a lost phone also: --two-factor-off."""
    password, made = _password(password_file)

    async def work(hub: Hub) -> None:
        async with hub.db.transaction() as session:
            user = await auth.reset_password(session, email, password)
            if two_factor_off:
                await two_factor.clear(session, user)

    with_hub(work)
    print(f"The password of {email} was changed." + (f" It is now (shown once): {password}" if made else ""))


@cli.command()
def disable(email: str) -> None:
    """Nobody can sign in with this account any more; what it did stays visible."""

    async def work(hub: Hub) -> None:
        async with hub.db.transaction() as session:
            await auth.disable_user(session, email, hub.now())

    with_hub(work)
    print(f"{email} can't sign in any more.")


def _password(file: Path | None) -> tuple[str, bool]:
    given = secret(None, file, "the password")
    return (given, False) if given else (secrets.token_urlsafe(12), True)
