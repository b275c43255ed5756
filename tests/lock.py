"""`python -m tests.lock`, part of `make lint`: the lock files hold all that is needed, hashed, and nothing local.

It stands in for `pip check`, which can't know what requirements.overrides.txt leaves out on purpose.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, distributions, packages_distributions
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "channels", "flows", "translations", "migrations")
RUNTIME, DEVELOPMENT, OVERRIDES = "requirements.txt", "requirements-dev.txt", "requirements.overrides.txt"

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ;([^\\]+))? ?\\?$")
HASH = re.compile(r"^ +--hash=sha256:[0-9a-f]{64} ?\\?$")

Installed = Mapping[str, Distribution]
Needs = Iterator[tuple[str, Requirement]]


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of a distribution in a lock file; there may be others for other platforms."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str] = frozenset()

    @property
    def wanted_here(self) -> bool:
        return not self.marker or Marker(self.marker).evaluate()


def installed_distributions() -> Installed:
    return {canonicalize_name(found.name): found for found in distributions()}


def check_lock(folder: Path, installed: Installed) -> list[str]:
    """What is wrong with the lock files in `folder`, in words; empty when nothing is."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    runtime, development = read_lock(folder / RUNTIME), read_lock(folder / DEVELOPMENT)
    overridden = read_overrides(folder / OVERRIDES)
    return [
        *_check_form(folder / RUNTIME),
        *_check_form(folder / DEVELOPMENT),
        *_check_hashes(RUNTIME, runtime),
        *_check_hashes(DEVELOPMENT, development),
        *_check_same(runtime, development),
        *_check_overrides(overridden, installed),
        *_check_needs(_roots(project, ("build",)), runtime, RUNTIME, overridden, installed),
        *_check_needs(_roots(project, ("build", "dev")), development, DEVELOPMENT, overridden, installed),
        *_check_imports(folder, runtime),
    ]


def read_lock(path: Path) -> list[Pin]:
    pins: list[Pin] = []
    for line in path.read_text().splitlines():
        if found := LOCKED.match(line):
            pins.append(Pin(canonicalize_name(found[1]), found[2], (found[3] or "").strip()))
        elif HASH.match(line) and pins:
            pins[-1] = replace(pins[-1], hashes=pins[-1].hashes | {line.strip(" \\")})
    return pins


def read_overrides(path: Path) -> dict[str, str]:
    """What is left out on purpose -> the reason: the comment lines right above it."""
    reasons: dict[str, str] = {}
    above: list[str] = []
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            above.append(line.lstrip("# "))
        elif line.strip():
            reasons[canonicalize_name(Requirement(line).name)] = " ".join(above).strip()
            above = []
        else:
            above = []
    return reasons


def _check_form(path: Path) -> Iterator[str]:
    """No address of an index, no option but hashes: where packages come from is each machine's own matter."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not (line.strip() == "" or line.startswith("#") or LOCKED.match(line) or HASH.match(line)):
            yield f"{path.name}:{number}: neither a pinned version nor a hash: {line.strip()[:60]}"
        elif "://" in line:
            yield f"{path.name}:{number}: names a host; run `make lock`"


def _check_hashes(name: str, pins: Sequence[Pin]) -> Iterator[str]:
    if not pins:
        yield f"{name} is empty; run `make lock`"
    for pin in pins:
        if not pin.hashes:
            yield f"{name}: {pin.name} {pin.version} has no hash; run `make lock`"


def _check_same(runtime: Sequence[Pin], development: Sequence[Pin]) -> Iterator[str]:
    """What is tested must be what runs."""
    tested = {(pin.name, pin.version): pin.hashes for pin in development}
    for pin in runtime:
        if tested.get((pin.name, pin.version)) != pin.hashes:
            yield f"{DEVELOPMENT}: {pin.name} is not as in {RUNTIME} ({pin.version}); run `make lock`"


def _check_overrides(overridden: Mapping[str, str], installed: Installed) -> Iterator[str]:
    declared = {canonicalize_name(n.name) for found in installed.values() for n in _requirements_of(found, "")}
    for distribution, reason in overridden.items():
        if distribution not in declared:
            yield f"{OVERRIDES}: nothing declares {distribution} any more; take it out and run `make lock`"
        if not reason:
            yield f"{OVERRIDES}: say above {distribution} why it is left out"


def _check_needs(
    roots: list[Requirement], lock: Sequence[Pin], name: str, overridden: Mapping[str, str], installed: Installed
) -> Iterator[str]:
    pins = {pin.name: pin for pin in lock if pin.wanted_here}
    for needed_by, wanted in _needs([*roots, *map(Requirement, pins)], overridden, installed):
        needed = canonicalize_name(wanted.name)
        if needed not in pins:
            yield f"{name}: {needed} is missing, needed by {needed_by}; run `make lock`"
        elif not wanted.specifier.contains(pins[needed].version, prereleases=True):
            yield f"{name}: {needed} {pins[needed].version} is locked, but {needed_by} needs {wanted.specifier}"
        elif needed not in installed:
            yield f"{name}: {needed} is locked but not installed; run `make setup`"


def _needs(roots: Iterable[Requirement], overridden: Mapping[str, str], installed: Installed) -> Needs:
    """Every (who needs it, requirement) that holds on this platform, from the roots downwards."""
    waiting = [("pyproject.toml", root) for root in roots]
    seen: set[tuple[str, str]] = set()
    while waiting:
        needed_by, wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in overridden:
            continue
        yield needed_by, wanted
        for extra in ("", *wanted.extras):
            if name in installed and (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(name, need) for need in _requirements_of(installed[name], extra)]


def _requirements_of(distribution: Distribution, extra: str) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _roots(project: Mapping[str, Any], groups: tuple[str, ...]) -> list[Requirement]:
    lines = list(project["project"]["dependencies"])
    for group in groups:
        lines += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    requirements = [Requirement(line) for line in lines]
    return [wanted for wanted in requirements if wanted.marker is None or wanted.marker.evaluate()]


def _check_imports(folder: Path, runtime: Sequence[Pin]) -> Iterator[str]:
    """What the hub imports must be there without the development tools."""
    providers, locked = packages_distributions(), {pin.name for pin in runtime}
    for path in sorted(path for room in ROOMS for path in (folder / room).rglob("*.py")):
        for module in sorted(imported(path.read_text(encoding="utf-8")) - sys.stdlib_module_names - {*ROOMS}):
            names = [canonicalize_name(name) for name in providers.get(module, ())]
            if locked.isdisjoint(names):
                where = path.relative_to(folder)
                yield f"{where} imports {module} ({', '.join(names) or 'not installed'}), which is not in {RUNTIME}"


def imported(source: str) -> set[str]:
    """The top-level names of the modules that a source imports absolutely."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def main() -> int:
    problems = sorted(set(check_lock(ROOT, installed_distributions())))
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"The lock files have {len(problems)} problems.\n" if problems else "The lock files are whole.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
