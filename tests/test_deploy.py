"""What can be known of Dockerfile, compose.yaml and the pages for operators without a container engine."""

import fnmatch
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import cli
from app.config import Settings
from app.web.health import router

ROOT = Path(__file__).parents[1]
PREFIX = "STREETWORK_"
HUBS = ("migrate", "hub", "worker")
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES += sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
NEEDS_FILES = (".yaml", ".html", ".po", ".css", ".js", ".svg", ".sql", ".txt")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("compose.yaml"))["services"]
    return found


def variables(text: str) -> set[str]:
    return set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text))


@pytest.mark.parametrize("name", ["compose.yaml", ".env.example", "Dockerfile", "README.md", "docs/production.md"])
def test_every_variable_is_a_setting(name: str) -> None:
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    assert variables(read(name)) <= known


def test_the_example_names_every_setting() -> None:
    assert {f"{PREFIX}{field.upper()}" for field in Settings.model_fields} == variables(read(".env.example"))


def test_the_example_reads_as_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every commented line taken in as well."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    lines = re.findall(rf"^#?({PREFIX}[A-Z_]+)=(.*)$", read(".env.example"), flags=re.MULTILINE)
    for name, value in lines:
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    assert settings.base_url == "https://hub.example.org"
    assert not settings.demo
    assert not settings.secret_key


def test_nothing_secret_is_written_down(services: dict[str, Any]) -> None:
    assert re.findall(r"^(?:.*SECRET_KEY|POSTGRES_PASSWORD)=(.*)$", read(".env.example"), flags=re.MULTILINE) == [
        "",
        "",
    ]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_every_service_is_locked_down(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["init"] is True, name
        assert service["logging"]["options"]["max-size"], name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name


def test_only_caddy_is_published(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert services["postgres"]["networks"] == ["back"]
    assert services["caddy"]["networks"] == ["front"]
    assert "reverse_proxy hub:8000" in read("deploy/Caddyfile")


def test_web_and_worker_share_their_data(services: dict[str, Any]) -> None:
    for name in HUBS:
        assert services[name]["volumes"] == ["data:/data"], name
        assert services[name]["environment"][f"{PREFIX}DATA_DIR"] == "/data", name


def test_the_proxy_is_trusted_where_it_stands(services: dict[str, Any]) -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    subnet = compose["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert services["hub"]["environment"][f"{PREFIX}TRUSTED_PROXIES"] == subnet


@pytest.mark.parametrize("name", HUBS)
def test_commands_exist(services: dict[str, Any], name: str) -> None:
    command = services[name]["command"]
    used = re.findall(r"streetwork (\w+)", command[0]) if name == "migrate" else command[:1]
    assert used
    assert set(used) <= commands()


@pytest.mark.parametrize("page", ["README.md", "docs/production.md"])
def test_pages_name_commands_that_exist(page: str) -> None:
    """Where a line of a page runs `streetwork something`."""
    used = re.findall(
        r"(?:bin/streetwork|hub streetwork|^\$ streetwork|`streetwork) ([a-z]+)", read(page), re.MULTILINE
    )
    assert len(used) > 5
    assert set(used) <= commands()


def commands() -> set[str]:
    groups = {group.name for group in cli.registered_groups if group.name}
    return groups | {command.name for command in cli.registered_commands if command.name}


def copied() -> set[str]:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), flags=re.MULTILINE)
    return {source for line in lines for source in line.split()}


def sent_to_the_builder() -> set[str]:
    return set(re.findall(r"^!(.+)$", read(".dockerignore"), flags=re.MULTILINE))


def test_the_builder_gets_what_it_copies() -> None:
    assert copied() == sent_to_the_builder()
    assert all((ROOT / name).exists() for name in copied())


def test_the_image_has_every_package() -> None:
    packages = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]
    assert {package.partition(".")[0] for package in packages} <= copied()


def test_nothing_that_the_hub_reads_is_ignored() -> None:
    """Patterns that take away again what was let in must spare texts, templates, styles and phrases."""
    ignored = re.findall(r"^\*\*/(.+)$", read(".dockerignore"), flags=re.MULTILINE)
    names = [path.name for room in copied() for path in (ROOT / room).rglob("*") if path.suffix in NEEDS_FILES]
    assert len(names) > 50
    assert not [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]


def test_the_image_runs_as_nobody_of_importance() -> None:
    dockerfile = read("Dockerfile")
    last_stage = dockerfile.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last_stage, flags=re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["streetwork"]' in last_stage
    assert "--require-hashes" in dockerfile
    assert not re.search(r"(?i)(token|password|secret_key) *=", dockerfile)


def test_the_health_check_asks_what_answers() -> None:
    assert any(getattr(route, "path", "") == "/healthz" for route in router.routes)
    assert "/healthz" in read("Dockerfile").partition("HEALTHCHECK")[2]


def test_ci_runs_lint_and_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert re.findall(r"\bmake (\w+)", script.read_text()) == ["lint", "test"]


def test_hooks_stay_on_this_machine() -> None:
    repos = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    assert {hook["language"] for hook in repos[0]["hooks"]} == {"system"}


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages(page: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page)):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_links_into_pages(page: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", read(page)):
        linked = (ROOT / page).parent / target if target else ROOT / page
        headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings], anchor
