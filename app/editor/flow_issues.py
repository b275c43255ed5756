"""What keeps a flow from going live, step by step: what a half-done draft lacks, and what the checks say of the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.aspects import Path
from flows.dialogue.exits import arrows, exits, nodes_of
from flows.dialogue.new_fields import new_fields_of
from flows.findings import Issue, Severity
from flows.model import UNDERSTOOD_LANGUAGES

WAYS = frozenset({"next", "if_yes", "if_no", "otherwise"})


@dataclass(frozen=True, slots=True)
class Problem:
    """`node`: where it is, if it is of one step; `other`: the piece of content, if it is of another one.

    `text` is English, filled in; `path` names the field as far as it is known.
    """

    severity: Severity
    text: str
    node: str = ""
    language: str | None = None
    exit: str = ""
    path: Path = ()
    other: str = ""


def problems(data: Mapping[str, Any], slug: str, issues: list[Issue]) -> list[Problem]:
    """The gravest first; what the model says of a way without an end is said once, and better."""
    nowhere = list(_nowhere(data))
    open_nodes = {each.node for each in nowhere}
    found = [_of_field(issue, data) or _problem(issue, slug) for issue in issues]
    rest = [each for each in found if not (each.node in open_nodes and _of_way(each))]
    return sorted([*nowhere, *rest], key=lambda each: ("error", "warning", "gap").index(each.severity))


def _nowhere(data: Mapping[str, Any]) -> Iterator[Problem]:
    if not data.get("start"):
        yield Problem("error", "has no first step")
    for name, node in nodes_of(data).items():
        yield from (Problem("error", "leads nowhere yet", name, exit=each.name) for each in exits(node) if each.is_open)
    gone = {(name, each.target) for name, each in arrows(data) if each.target not in nodes_of(data)}
    yield from (Problem("error", f"leads to the node {target}, which does not exist", name) for name, target in gone)


def _of_way(problem: Problem) -> bool:
    last = problem.path[-1] if problem.path else ""
    return last in WAYS or problem.text.startswith(("give 'next'", "give one of 'next'", "leads to the node"))


def _of_field(issue: Issue, data: Mapping[str, Any]) -> Problem | None:
    """What a new answer lacks is mended where it is asked for."""
    kind, _, key = issue.where.partition(" ")
    if kind != "field" or key not in new_fields_of(data):
        return None
    node = next((name for name, each in nodes_of(data).items() if each.get("field") == key), "")
    return Problem(issue.severity, issue.text, node, issue.language, path=("field",))


def _problem(issue: Issue, slug: str) -> Problem:
    """Where an issue is: 'flow arrival, node job', 'nodes.job.ask.text.de', or another piece."""
    if issue.where == f"flow {slug}":
        return Problem(issue.severity, issue.text, language=issue.language)
    if issue.where.startswith(f"flow {slug}, node "):
        return Problem(issue.severity, issue.text, issue.where.rpartition(" ")[2], issue.language)
    if " " in issue.where or issue.language is not None:
        return Problem(issue.severity, issue.text, language=issue.language, other=issue.where)
    steps = tuple(issue.where.split("."))
    if steps[0] != "nodes" or len(steps) < 2:
        return Problem(issue.severity, issue.text, path=steps)
    language = next((step for step in steps[3:] if step in UNDERSTOOD_LANGUAGES), None)
    return Problem(issue.severity, issue.text, steps[1], language, path=steps[3:])
