"""Reads the form of one step: from flat fields to the step's data, and to the new steps that it wants behind its exits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.editor.flow_values import Row, read_test, read_value
from app.errors import BadInput
from flows.dialogue import editing
from flows.dialogue.editing import Edited
from flows.dialogue.exits import LISTS, Plain, items_of, nodes_of, option_name
from flows.dialogue.graph import OPTIONS
from flows.dialogue.new_fields import ASKING, NEW_FIELDS, key_for, new_fields_of, settled
from flows.library import Library
from flows.model import ANSWER_LANGUAGES

NEW = "+"  # before a kind: a new step of it
WAYS = ("next", "if_yes", "if_no", "skip", "otherwise")
FILES = ("image", "audio")  # what a step that says something may send with it
MOST_LINES = 40  # of a condition; options and items end at nine
MOST_ROWS = 6
TOPICS = 3

Text = Callable[[str], str]
Data = dict[str, Any]


@dataclass(slots=True)
class NodeForm:
    """`get` gives a field of the form as text; `lists` those that may stand in it several times."""

    get: Text
    several: Callable[[str], list[str]]
    library: Library

    def words(self, name: str) -> dict[str, str]:
        found = {code: self.get(f"{name}_{code}").replace("\r\n", "\n").strip() for code in ANSWER_LANGUAGES}
        return {code: text for code, text in found.items() if text}

    def files(self, name: str) -> dict[str, str]:
        """Language -> a file of the content."""
        found = {code: self.get(f"{name}_{code}") for code in ANSWER_LANGUAGES}
        return {code: file for code, file in found.items() if file}

    def on(self, name: str) -> bool:
        return self.get(name) == "1"

    def number(self, name: str) -> int | None:
        text = self.get(name).strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 7):
            raise BadInput("Write a whole number, such as 18.")
        return int(text) if text else None


def edit_node(data: Plain, name: str, form: NodeForm) -> Edited:
    """The step as the form has it; then what the pressed button does: a line more, up, down or away."""
    old = nodes_of(data).get(name)
    if old is None:
        raise editing.CannotEdit("The step {name} does not exist any more.", name=name)
    made: list[tuple[str, str]] = []
    node = {key: value for key, value in _node(dict(old), form, made).items() if value is not None}
    done = editing.change(data, name, node)
    if node.get("kind") in ASKING:
        done = _remembered(done, name, form)
    for exit, kind in made:
        done = editing.add(done.data, kind, after=name, exit=exit)
    done = _pressed(done, name, form.get("do"))
    return Edited(settled(done.data), done.node, done.loose)


def _remembered(done: Edited, name: str, form: NodeForm) -> Edited:
    """An answer that no flow asked for before gets a name; one that is still new may get another."""
    node, fields = dict(nodes_of(done.data)[name]), new_fields_of(done.data)
    key = str(node.get("field") or "")
    names = form.words("field_name")
    if key == NEW:
        if not names:
            raise BadInput("Say what the answer is remembered as: it needs a name, in German first.")
        key = key_for(names, {**form.library.fields, **fields})
    elif key not in fields or not form.on("has_field_name"):
        return done
    fields[key] = {**fields.get(key, {}), "names": names, "keep": not form.on("field_forget")}
    changed = editing.change({**done.data, NEW_FIELDS: fields}, name, {**node, "field": key})
    return Edited(changed.data, done.node, done.loose)


def _pressed(done: Edited, name: str, do: str) -> Edited:
    deed, _, place = do.partition("_")
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else -1
    match deed:
        case "more":
            return editing.add_line(done.data, name)
        case "up" | "down":
            return editing.reorder(done.data, name, number, -1 if deed == "up" else 1)
        case "remove":
            return editing.remove_line(done.data, name, number)
        case _:
            return done


def _node(old: Data, form: NodeForm, made: list[tuple[str, str]]) -> Data:
    kind = str(old.get("kind"))
    node = {**old, "notes": form.get("notes").strip() or None}
    if kind in ("say", "ask", "choose", "checklist", "end"):
        text = form.words("text")
        node["text"] = text or (None if kind == "end" else {})
    if kind in ("say", "ask", "choose", "checklist"):
        node["sms"] = form.words("sms") or None
    node |= _own(kind, node, form)
    if kind in LISTS:
        node[LISTS[kind]] = [_line(kind, line, place, form, made) for place, line in _lines(node, form)]
    return node | dict(_ways(node, form, made))


def _own(kind: str, node: Data, form: NodeForm) -> Data:
    """What only this kind has."""
    match kind:
        case "say":
            return {what: form.files(what) or None for what in FILES}
        case "ask":
            return {
                "what": form.get("what") or node.get("what"),
                "field": form.get("field") or None,
                "again": form.words("again") or None,
                "least": form.number("least"),
                "most": form.number("most"),
                "future": form.on("future"),
                "unless_known": form.on("unless_known"),
            }
        case "choose":
            return {
                "field": form.get("field") or None,
                "open": form.on("open"),
                "unless_known": form.on("unless_known"),
            }
        case "checklist":
            return {"field": form.get("field") or None}
        case "answer" | "service":
            return {"topic": form.get("topic") or None}
        case "letter":
            return {"letter": form.get("letter") or None}
        case "go_to":
            flow, _, target = form.get("flow").partition(":")
            return {"flow": flow or None, "node": target or None}
        case "end":
            return {"next": _topics(form)}
        case "hand_over":
            return {
                "reason": form.get("reason").strip() or None,
                "urgent": form.on("urgent"),
                "team": form.get("team") or None,
                "needs": _topics(form),
                "deadline": form.get("deadline") or None,
                "promise": form.on("promise"),
                "tell": form.several("tell"),
            }
        case "set":
            return {"values": dict(_values(form)), "tell": form.on("tell")}
        case _:
            return {}


def _ways(node: Data, form: NodeForm, made: list[tuple[str, str]]) -> Iterator[tuple[str, str | None]]:
    """Exits that stand at the step itself. A way that the form doesn't show keeps what it had."""
    if node.get("kind") == "end":
        return
    for way in WAYS:
        wanted = form.get(f"to_{way}")
        if wanted.startswith(NEW):
            made.append((way, wanted.removeprefix(NEW)))
            if node.get("kind") == "ask" and way in ("next", "skip"):
                yield way, node.get(way)
        elif wanted or form.get(f"has_{way}"):
            yield way, wanted.removeprefix("node:") or None


def _lines(node: Data, form: NodeForm) -> Iterator[tuple[int, Data]]:
    """Each with its number; one that the form doesn't show is gone."""
    old = items_of(node)
    count = form.number("lines") or 0
    for place in range(min(count, MOST_LINES)):
        yield place, dict(old[place]) if place < len(old) else {}


def _line(kind: str, old: Data, place: int, form: NodeForm, made: list[tuple[str, str]]) -> Data:
    line = dict(old)
    if kind != "condition":
        line["label"] = form.words(f"label_{place}") or (None if kind == "choose" else {})
    test = read_test(_rows(place, form), form.library)
    line["when"] = test or ({} if kind == "condition" else None)
    if kind == "checklist":
        line |= {
            "item": form.get(f"value_{place}").strip() or old.get("item"),
            "topic": form.get(f"topic_{place}") or None,
        }
    else:
        line |= _leads(kind, line, place, form, made)
    return {key: value for key, value in line.items() if value is not None}


def _leads(kind: str, line: Data, place: int, form: NodeForm, made: list[tuple[str, str]]) -> Data:
    what, _, which = form.get(f"to_{place}").partition(":")
    if kind == "choose":
        value = {"value": form.get(f"value_{place}").strip() or line.get("value")}
        line = {**line, **value}
    else:
        value = {}
    if what.startswith(NEW):
        made.append((f"case:{place}" if kind == "condition" else option_name(line, place), what.removeprefix(NEW)))
        return {**value, "topic": None, "flow": None} if kind == "choose" else value
    if kind == "condition":
        return {"next": which or None}
    return {
        **value,
        **{key: which if key == what else None for key in ("topic", "flow")},
        "next": which if what == "node" else None,
    }


def _rows(place: int, form: NodeForm) -> Iterator[Row]:
    for number in range(MOST_ROWS):
        row = f"test_{place}_{number}"
        yield Row(form.get(f"{row}_of"), form.get(f"{row}_how"), form.get(f"{row}_value"))


def _topics(form: NodeForm) -> list[str]:
    return list(dict.fromkeys(topic for topic in form.several("topics") if topic))[:TOPICS]


def _values(form: NodeForm) -> Iterator[tuple[str, Any]]:
    for number in range(OPTIONS):
        key = form.get(f"set_{number}_field")
        rule, text = form.get(f"set_{number}_rule"), form.get(f"set_{number}_value")
        if not key:
            continue
        if rule:
            yield key, {"deadline": rule, "since": form.get(f"set_{number}_since")}
        elif text.strip():
            yield key, read_value(form.library, key, text)
        else:
            raise BadInput("Say which value {field} gets.", field=key)


def read_settings(data: Mapping[str, Any], form: NodeForm) -> Edited:
    """The flow's own words and switches."""
    starting = {
        code: [line.strip() for line in form.get(f"words_{code}").splitlines() if line.strip()]
        for code in (*ANSWER_LANGUAGES, "ru", "tr")
    }
    changed = {
        "label": form.words("label"),
        "topics": list(dict.fromkeys(topic for topic in form.several("topics") if topic)),
        "words": {code: lines for code, lines in starting.items() if lines},
        "discreet": form.on("discreet"),
        "remind": form.on("remind"),
        "start": form.get("start") or None,
        "stuck": form.get("stuck") or None,
        "sources": [line.strip() for line in form.get("sources").splitlines() if line.strip()],
        "notes": form.get("notes").strip() or None,
    }
    return Edited({key: value for key, value in {**data, **changed}.items() if value is not None})
