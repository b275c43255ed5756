"""What the panel of one step offers to choose from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from app.editor.flow_forms import FILES
from app.editor.flow_values import HOWS, WORLD, Row, choices, fields_for, rows_of, write_value
from app.web.editor.flow_views import targets, ways_of
from app.web.editor.flow_words import FlowWords
from flows.dialogue.exits import Exit, exits, items_of, nodes_of, option_name, optional
from flows.dialogue.graph import Kind, Rule
from flows.dialogue.new_fields import new_fields_of
from flows.library import Library
from flows.model import ANSWER_LANGUAGES

LANGUAGES = ("de", *(code for code in ANSWER_LANGUAGES if code != "de"))
"""German first: it is what the others are written from."""
SPARE_ROWS = 1  # for a condition or value more
TOPICS = 3
FIELDS = {"choose": ("choice",), "checklist": ("checklist",), "ask": ()}

Kept = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Way:
    """An exit that stands at the step itself."""

    name: str
    words: str
    target: str


@dataclass(frozen=True, slots=True)
class LineForm:
    """An option, case or item."""

    data: Mapping[str, Any]
    leads: str  # 'node:job', 'topic:…', 'flow:…'
    fallback: str  # the words where it has none of its own
    tests: list[Row]


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    node: Mapping[str, Any]
    kind: str
    kept: Kept
    lines: list[LineForm]
    ways: list[Way]
    exits: list[tuple[str, str]]  # 'job|if_yes' and its words: what can be put behind this step
    targets: list[tuple[str, str]]
    all_ways: list[tuple[str, str]]
    topics: list[tuple[str, str]]
    flows: list[tuple[str, str]]
    flow_nodes: list[tuple[str, list[str]]]
    fields: list[tuple[str, str]]
    fields_here: list[tuple[str, str]]  # of the kind that fits
    new_field: Mapping[str, Any]  # the definition of the one asked for here, if it is not live yet
    dates: list[tuple[str, str]]
    values: dict[str, list[tuple[str, str]]]  # of each field that has some to choose from
    files: dict[str, list[tuple[str, str]]]  # pictures and recordings to choose from
    letters: list[tuple[str, str]]
    reasons: list[str]
    sets: list[tuple[str, str, str, str]]  # field, value, rule, since
    whats: list[tuple[str, str]]
    rules: list[tuple[str, str]]
    hows: tuple[str, ...]
    world: tuple[str, ...]
    lead_in: list[str]  # titles of the steps that lead here


def panel(said: FlowWords, data: Mapping[str, Any], name: str, written: Mapping[str, Any] | None) -> Panel:
    library, language = said.library, said.words.language
    node = nodes_of(data)[name]
    kind = str(node.get("kind"))
    named = _fields(said, library, ())
    return Panel(
        name=name,
        node=node,
        kind=kind,
        kept=kept(written),
        lines=_lines(said, library, node, name),
        ways=_ways(said, node, name),
        exits=[(f"{name}|{each.name}", said.exit(name, each)) for each in exits(node) if not each.away],
        targets=[each for each in targets(said, data) if each[0] != name],
        all_ways=[each for each in ways_of(said, data) if not each[0].startswith(f"{name}|")],
        topics=topics(library, language),
        flows=[(slug, said.flow(slug)) for slug in sorted(library.flows)],
        flow_nodes=[(slug, sorted(flow.nodes)) for slug, (_, flow) in sorted(library.flows.items())],
        fields=named,
        fields_here=_fields(said, library, (str(node.get("what")),) if kind == "ask" else FIELDS.get(kind, ()))
        or named,
        new_field=new_fields_of(data).get(str(node.get("field")), {}),
        dates=_fields(said, library, ("date",)),
        values={key: found for key, _ in named if (found := choices(library, key, language))},
        files={what: _files(library, what) for what in FILES},
        letters=[(slug, said.in_words(letter.names)) for slug, letter in sorted(library.letters.items())],
        reasons=_reasons(library, node),
        sets=_sets(library, node),
        whats=[(each, said.words.term("what_asked", each)) for each in get_args(Kind)],
        rules=[(each, said.words.term("rule", each)) for each in get_args(Rule)],
        hows=HOWS,
        world=WORLD,
        lead_in=[said.title(other) for other, each in nodes_of(data).items() if _leads(each, name)],
    )


def kept(written: Mapping[str, Any] | None) -> Kept:
    """What somebody wrote and could not be saved; else what there is."""
    return lambda name, otherwise: otherwise if written is None else written.get(name, "")


def topics(library: Library, language: str) -> list[tuple[str, str]]:
    return [(slug, f"{library.label(slug, language) or slug} ({slug})") for slug in sorted(library.entries)]


def _files(library: Library, what: str) -> list[tuple[str, str]]:
    return [(name, name) for name, file in sorted(library.files.items()) if file.mime.startswith(f"{what}/")]


def _fields(said: FlowWords, library: Library, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    found = [(field.key, said.in_words(field.names)) for field in fields_for(library, kinds)]
    return sorted(found, key=lambda each: each[1].casefold())


def _lines(said: FlowWords, library: Library, node: Mapping[str, Any], name: str) -> list[LineForm]:
    found = []
    for place, line in enumerate(items_of(node)):
        to = next((f"{what}:{line[what]}" for what in ("topic", "flow") if line.get(what)), "")
        leads = to or (f"node:{line['next']}" if line.get("next") else "")
        bare = {key: value for key, value in line.items() if key != "label"}
        fallback = said.exit(name, Exit(option_name(line, place))) if node.get("kind") == "choose" else ""
        own = said.in_words(line.get("label"))
        tests = [*rows_of(line.get("when") or {}, library), *[Row()] * SPARE_ROWS]
        found.append(LineForm(line, leads, said.option(node, bare) if own and fallback else fallback, tests))
    return found


def _ways(said: FlowWords, node: Mapping[str, Any], name: str) -> list[Way]:
    """Those that are there, and those that may be."""
    own = [each for each in exits(node) if ":" not in each.name and each.name != "flow"]
    there = {each.name for each in own}
    spare = [Exit(each) for each in optional(node) if each not in there and not (each == "next" and "if_yes" in there)]
    return [
        Way(each.name, said.words.term("way", each.name), f"node:{each.target}" if each.target else "")
        for each in (*own, *spare)
    ]


def _sets(library: Library, node: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    found = []
    for key, value in (node.get("values") or {}).items():
        if isinstance(value, Mapping):
            found.append((key, "", str(value.get("deadline", "")), str(value.get("since", ""))))
        else:
            found.append((key, write_value(library, key, value), "", ""))
    return [*found, *[("", "", "", "")] * SPARE_ROWS]


def _reasons(library: Library, node: Mapping[str, Any]) -> list[str]:
    used = {
        str(each.reason)
        for _, flow in library.flows.values()
        for each in flow.nodes.values()
        if each.kind == "hand_over"
    }
    return sorted(used | {str(node.get("reason") or "asked"), "asked"})


def _leads(node: Mapping[str, Any], name: str) -> bool:
    return any(each.target == name for each in exits(node))
