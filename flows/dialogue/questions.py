"""Puts a question into words and buttons, and takes the answer to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flows.dialogue.conditions import holds
from flows.dialogue.effects import Effect, Pick, Say, SayAnswer
from flows.dialogue.graph import Ask, Checklist, Choose, Item, Option, Question
from flows.dialogue.reading import means, read
from flows.dialogue.wording import fill
from flows.dialogue.world import Given, World
from translations.phrases import phrase
from translations.script import skeleton

DONE, OPEN = "✅", "⬜"
OTHER_PLACE = "other"
Line = TypeVar("Line", Option, Item)
ADDED_WORDS = 2  # around a label; more is a sentence of its own
NEGATIONS = frozenset(
    skeleton(word) for word in ("не", "ні", "нет", "nu", "nicht", "kein", "keine", "no", "not", "değil")
)


@dataclass(frozen=True)
class Taken:
    """What an answer leads to. `next` None with `say`: the question goes on; both None: not understood."""

    next: str | None = None
    field: str | None = None
    value: Any = None
    say: Sequence[Effect] | None = None
    problem: str = ""
    item: str = ""  # of a checklist: the one that is explained now


def put(flow: str, name: str, node: Question, fields: Mapping[str, Any], world: World) -> Say:
    """The question as the person reads it."""
    words = node.sms if world.short and node.sms else node.text
    text = fill(words[world.language], fields, world.library, world.language, world.today)  # type: ignore[index]
    match node:
        case Choose():
            picks = [_pick(flow, name, node, option, world) for option in _concerning(node.options, fields, world)]
            if node.open:
                picks.append(Pick("human", phrase("button.human", world.language)))
            return Say(text, tuple(picks))
        case Checklist():
            return _list(flow, name, node, fields, world, text)
        case Ask(what="yes_no"):
            labels = [(answer, phrase(f"button.{answer}", world.language)) for answer in ("yes", "no")]
        case Ask(what="place"):
            served = [(slug, p.names[world.language]) for slug, p in world.library.served.items()]  # type: ignore[index]
            labels = [*served, (OTHER_PLACE, phrase("button.place_other", world.language))]
        case _:
            labels = []
            if node.skip and node.what != "photo":  # there its own words say what to do without one
                text = f"{text}\n{phrase('flow.skip', world.language)}"
    return Say(text, tuple(Pick(pick_id(flow, name, value), label) for value, label in labels))


def take(
    flow: str, name: str, node: Question, fields: Mapping[str, Any], given: Given, world: World, *, item: str = ""
) -> Taken:
    """The answer to the question, by button, number, label or words. `item`: of a checklist, the one explained before."""
    pressed = _pressed(flow, name, given)
    match node:
        case Choose():
            return _take_choice(node, pressed, fields, given, world)
        case Checklist():
            if not pressed and item and given.says:
                pressed = f"tick_{item}" if given.says == "yes" else "list_"
            return _take_item(flow, name, node, pressed, fields, world)
        case Ask():
            return _take_value(node, pressed, given, world)


def _pick(flow: str, name: str, node: Choose, option: Option, world: World) -> Pick:
    """What leads away from the flow is an action that the router knows."""
    away = f"topic:{option.topic}" if option.topic else f"flow:{option.flow}" if option.flow else None
    return Pick(away or pick_id(flow, name, option.value), _label(node, option, world))


def pick_id(flow: str, node: str, value: str) -> str:
    return f"pick:{flow}:{node}:{value}"


def _pressed(flow: str, name: str, given: Given) -> str | None:
    prefix = pick_id(flow, name, "")
    return given.button.removeprefix(prefix) if given.button and given.button.startswith(prefix) else None


def _take_value(node: Ask, pressed: str | None, given: Given, world: World) -> Taken:
    if node.what == "place" and pressed:
        value = pressed
    elif node.what == "yes_no" and pressed:
        return Taken(node.after(pressed == "yes"), node.field, pressed == "yes")
    elif given.kind == "text" and means("dont_know", given.text):
        return Taken(node.skip, node.field, None) if node.skip else Taken(problem=node.what)
    else:
        reading = read(node, given, world)
        if reading.value is None:
            return Taken(problem=reading.problem)
        return Taken(node.after(reading.value), node.field, reading.value)
    return Taken(node.after(value), node.field, value)


def _take_choice(node: Choose, pressed: str | None, fields: Mapping[str, Any], given: Given, world: World) -> Taken:
    shown = [option for option in _concerning(node.options, fields, world) if option.next]
    chosen = next((option for option in shown if option.value == pressed), None)
    if chosen is None and given.says and {"yes", "no"} <= {option.value for option in shown}:
        chosen = next(option for option in shown if option.value == given.says)
    if chosen is None and not node.open:
        chosen = _by_words(given.text, [(_label(node, option, world), option) for option in shown])
    if chosen is None:
        return Taken(problem="choice")
    return Taken(chosen.next, node.field, chosen.value if node.field else None)


def _by_words(text: str, labelled: list[tuple[str, Option]]) -> Option | None:
    """The only option whose words hold all that was typed, or to which a word or two were added.

    Not where a "not" was added: "not now" is no "now".
    """
    said = set(skeleton(text).split())
    hits = [option for label, option in labelled if said and _means(said, set(skeleton(label).split()))]
    return hits[0] if len(hits) == 1 else None


def _means(said: set[str], label: set[str]) -> bool:
    added = said - label
    return said <= label or (label <= said and len(added) <= ADDED_WORDS and not added & NEGATIONS)


def _concerning(lines: Sequence[Line], fields: Mapping[str, Any], world: World) -> list[Line]:
    """The options or items that are for this person."""
    return [line for line in lines if line.when is None or holds(line.when, fields, world)]


def _label(node: Choose, option: Option, world: World) -> str:
    labels = option.label
    if labels is None and option.topic:
        return world.library.label(option.topic, world.language) or option.topic
    if labels is None and option.flow and option.flow in world.library.flows:
        labels = world.library.flows[option.flow][1].label
    if labels is None and node.field and (field := world.library.fields.get(node.field)):
        labels = field.values.get(option.value)
    return str(labels.get(world.language, option.value)) if labels else option.value  # type: ignore[call-overload]


def _list(flow: str, name: str, node: Checklist, fields: Mapping[str, Any], world: World, text: str) -> Say:
    """The whole list; each line is a button that explains its item and offers to tick it."""
    done: dict[str, bool] = fields.get(node.field) or {}
    labels = [
        (f"item_{item.item}", f"{DONE if done.get(item.item) else OPEN} {item.label[world.language]}")  # type: ignore[index]
        for item in _concerning(node.items, fields, world)
    ]
    labels.append(("enough", phrase("button.list_enough", world.language)))
    return Say(text, tuple(Pick(pick_id(flow, name, value), label) for value, label in labels))


def _take_item(
    flow: str, name: str, node: Checklist, pressed: str | None, fields: Mapping[str, Any], world: World
) -> Taken:
    action, _, which = (pressed or "").partition("_")
    done: dict[str, bool] = fields.get(node.field) or {
        item.item: False for item in _concerning(node.items, fields, world)
    }
    item = next((item for item in node.items if item.item == which), None)
    if action == "enough":
        return Taken(node.next, node.field, done)
    if action == "list":
        return Taken(say=[put(flow, name, node, fields, world)])
    if item is not None and action == "item" and not done.get(which):
        return Taken(say=_explain(flow, name, item, world), item=which)
    if item is not None and action in ("item", "tick"):
        ticked = {**done, which: not done.get(which)}
        return Taken(None, node.field, ticked, say=[put(flow, name, node, {**fields, node.field: ticked}, world)])
    return Taken(problem="choice")


def _explain(flow: str, name: str, item: Item, world: World) -> list[Effect]:
    """How it is done, and whether it is done."""
    label = str(item.label[world.language])  # type: ignore[index]
    picks = tuple(
        Pick(pick_id(flow, name, value), phrase(key, world.language))
        for value, key in ((f"tick_{item.item}", "button.list_tick"), ("list_", "button.list_back"))
    )
    answer: list[Effect] = [SayAnswer(item.topic)] if item.topic else []
    return [*answer, Say(phrase("flow.list_item", world.language, item=label), picks)]
