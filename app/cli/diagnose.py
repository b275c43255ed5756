"""`doctor`: checks what a hub needs, and says what to do about what is missing."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
import typer

from app import embedded
from app.cli.runtime import settings
from app.config import Settings
from app.content import CONTENT_DIR
from app.crypto import open_vault
from app.db import migrate, schema_is_current
from app.editor import drafting
from app.errors import HubError
from app.hub import Hub
from app.main import open_hub
from app.models import ContentVersion, User
from app.packages import overview
from app.polling import webhook_url
from flows.check import check_content
from flows.dialogue.graph import Flow
from flows.load import BadContent, read_content
from flows.model import ANSWER_LANGUAGES

FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Advice:
    """`ok` None: worth knowing, no failure."""

    what: str
    ok: bool | None
    text: str


def doctor_command() -> None:
    """Check database, migrations, channels, content and disk; exit 1 with what to do."""
    chosen = settings()
    found = list(_before_start(chosen))
    if all(advice.ok is not False for advice in found if advice.what == "SECRET_KEY"):
        try:
            with embedded.database(chosen.database_url, chosen.data_dir) as url:
                found += asyncio.run(_inside(chosen, url))
        except HubError as error:
            found.append(Advice("database", False, error.message))
    marks = {True: "ok  ", False: "FAIL", None: "note"}
    for advice in found:
        print(f"{marks[advice.ok]} {advice.what}: {advice.text}")
    if any(advice.ok is False for advice in found):
        raise typer.Exit(1)


def _before_start(chosen: Settings) -> Iterator[Advice]:
    try:
        open_vault(chosen)
        yield Advice("SECRET_KEY", True, "strong enough")
    except HubError as error:
        yield Advice("SECRET_KEY", False, error.message)
    if chosen.demo:
        yield Advice("DEMO", None, "demo mode: for trying, never for real people")
    elif not chosen.public_url.startswith("https://"):
        yield Advice("PUBLIC_URL", False, "set STREETWORK_PUBLIC_URL to the https address that providers reach")
    if not chosen.demo and not (chosen.smtp_url and chosen.alert_email):
        yield Advice("alerts", False, "set STREETWORK_SMTP_URL and STREETWORK_ALERT_EMAIL: danger must reach a human")
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(chosen.data_dir).free
    yield Advice("disk", free > FREE_BYTES, f"{free // 1_000_000} MB free in {chosen.data_dir}")
    yield from _translations(chosen)


def _translations(chosen: Settings) -> Iterator[Advice]:
    """Notes only: what can't be translated is shown as it was written."""
    found = overview(chosen)
    size = sum(each.size for each in found.packages)
    count, limit = len(found.packages), chosen.translation_memory_mb
    yield Advice("translations", None, f"{count} packages, {size // 10**6} MB on disk in {chosen.packages_dir}")
    for need in found.needs:
        if lacking := need.lacking:
            ways = [f"{way} can't be translated" for way, pairs in need.ways if pairs]
            yield Advice(
                "translations", None, f"{' and '.join(ways)}: `streetwork translations install {' '.join(lacking)}`"
            )
    enough = found.memory_of_all <= limit * 1_000_000
    words = (
        "all fit" if enough else "the least used are unloaded again and again; raise STREETWORK_TRANSLATION_MEMORY_MB"
    )
    if count:
        yield Advice(
            "translations", None, f"{found.memory_of_all // 10**6} MB of memory for all, {limit} allowed: {words}"
        )


async def _inside(chosen: Settings, url: str) -> list[Advice]:
    if not chosen.database_url:
        migrate(url)
    if not schema_is_current(url):
        return [Advice("migrations", False, "run `streetwork migrate`")]
    async with open_hub(chosen, url, shelf=False) as hub:
        checks: tuple[Callable[[Hub], Awaitable[list[Advice]]], ...] = (_staff, _content, _channels)
        return [
            Advice("database", True, "reachable, newest schema"),
            *[advice for check in checks for advice in await check(hub)],
        ]


async def _staff(hub: Hub) -> list[Advice]:
    async with hub.db.transaction() as session:
        admins = await session.scalar(
            sa.select(sa.func.count()).where(User.role == "admin", User.disabled_at.is_(None))
        )
    if admins:
        return [Advice("staff", True, f"{admins} admin(s)")]
    return [Advice("staff", False, "nobody is admin: `streetwork user add EMAIL --role admin`")]


async def _content(hub: Hub) -> list[Advice]:
    async with hub.db.transaction() as session:
        rows = (await session.scalars(sa.select(ContentVersion).where(ContentVersion.current))).all()
        machine = len(await drafting.drafts(session))
    entries = [row for row in rows if row.kind == "entry"]
    if not entries:
        return [Advice("content", False, "nothing is loaded: `streetwork content load`")]
    drafts = sum(any(answer.get("approved_by") is None for answer in row.data["answers"].values()) for row in entries)
    flows = [Flow.model_validate(row.data) for row in rows if row.kind == "flow"]
    drafts += sum(not all(flow.is_approved(language) for language in ANSWER_LANGUAGES) for flow in flows)
    found = [Advice("content", True, f"{len(entries)} entries and {len(flows)} flows live")]
    if drafts:
        allowed = None if hub.settings.demo else False
        text = f"{drafts} entries and flows have texts that nobody of the town has approved"
        found.append(Advice("approval", allowed, text))
    if machine:
        text = f"{machine} texts drafted by machine wait for a person; nobody is told them: `streetwork content drafts`"
        found.append(Advice("machine drafts", None, text))
    try:
        errors = [issue for issue in check_content(read_content(CONTENT_DIR)) if issue.severity == "error"]
    except BadContent as error:
        return [*found, Advice("content files", False, str(error))]
    return [*found, Advice("content files", not errors, f"{len(errors)} errors; see `streetwork content check`")]


async def _channels(hub: Hub) -> list[Advice]:
    found = []
    for channel in hub.registry.all():
        try:
            findings = await asyncio.wait_for(channel.adapter.check(webhook_url(hub, channel)), 30)
        except TimeoutError:
            found.append(Advice(f"channel {channel.name}", False, "the provider did not answer"))
            continue
        wrong = [f"{finding.code} {finding.detail}".strip() for finding in findings if not finding.ok]
        found.append(Advice(f"channel {channel.name}", not wrong, "; ".join(wrong) or "fine"))
    return found or [Advice("channels", None, "none yet: `streetwork channel add`")]
