"""The options of `channel add` and `channel set`: one table, so that both commands and their help can't differ."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.runtime import secret

SECRETS = {
    "token": "telegram: the bot's token",
    "webhook_secret": "telegram: made when missing",
    "account_sid": "sms, whatsapp-twilio",
    "auth_token": "sms, whatsapp-twilio: also checks that requests are Twilio's",
    "access_token": "whatsapp-cloud: of a system user, without an end date",
    "app_secret": "whatsapp-cloud: checks that requests are Meta's",
    "verify_token": "whatsapp-cloud: made when missing; type it into Meta's webhook page",
}
"""Stored encrypted. Each can also come from a file or standard input (`--…-file -`), so that no shell remembers it."""

OPTIONS = {
    "from": "sms, whatsapp-twilio: our number, as +49…",
    "messaging_service": "sms, whatsapp-twilio: send through this service (MG…)",
    "phone_number_id": "whatsapp-cloud: our number's id at Meta",
    "waba_id": "whatsapp-cloud: the business account's id; lets `check` look at templates",
    "mode": "telegram: webhook (default) or polling",
    "link": "where people reach this channel, as https://t.me/NAME, https://wa.me/49… or sms:+49…; for links and QR codes",
    "look": "webchat: what the simulator pretends to be: telegram (default), whatsapp or sms",
    "api_base": "in place of the provider's scheme and host",
    "cents_per_segment": "sms: what one segment costs, for the price shown before sending",
    "monthly_budget": "sms: euros a month; staff are warned before it is used up",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the operator typed, without what they left out."""

    secrets: dict[str, str]
    options: dict[str, str]


def channel_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command that takes `given: Given` all the options above."""

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        secrets = {}
        for name in SECRETS:
            value = secret(values.pop(name), values.pop(f"{name}_file"), f"--{name.replace('_', '-')}")
            secrets.update({name: value} if value else {})
        options = {name: value for name in OPTIONS if (value := values.pop(_parameter(name)))}
        command(**values, given=Given(secrets, options))

    own = [p for p in inspect.signature(command).parameters.values() if p.name != "given"]
    signature = inspect.Signature([p.replace(kind=p.KEYWORD_ONLY) for p in [*own, *_parameters()]])
    with_options.__signature__ = signature  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return with_options


def _parameters() -> list[inspect.Parameter]:
    found = []
    for name, text in SECRETS.items():
        flag = f"--{name.replace('_', '-')}"
        found.append(_option(name, str, flag, text))
        found.append(_option(f"{name}_file", Path, f"{flag}-file", f"{flag} from a file; '-' reads standard input"))
    return found + [_option(_parameter(name), str, f"--{name.replace('_', '-')}", t) for name, t in OPTIONS.items()]


def _option(name: str, kind: type, flag: str, text: str) -> inspect.Parameter:
    annotation = Annotated[kind | None, typer.Option(flag, help=text)]  # type: ignore[valid-type]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _parameter(option: str) -> str:
    return f"{option}_" if option == "from" else option  # a keyword of Python
