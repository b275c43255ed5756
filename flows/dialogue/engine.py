"""Walks a flow: (flow, state, what the person did, the world) -> new state and effects. Pure.

`start`, `step`, `again` and `repeat` are what the router calls. Between two steps only `State` is kept, as plain data, with
the conversation; the flow's version is pinned there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any, Self

from flows.dialogue.conditions import holds
from flows.dialogue.deadlines import RULES
from flows.dialogue.effects import (
    Begin,
    Effect,
    Ended,
    Learn,
    MakeLetter,
    OpenCase,
    Phrase,
    Say,
    SayAnswer,
    SayServices,
)
from flows.dialogue.graph import (
    BACK_STEPS,
    STEPS_WITHOUT_QUESTION,
    WRONG_ANSWERS,
    Ask,
    Checklist,
    Choose,
    Condition,
    Deadline,
    End,
    Flow,
    GoTo,
    HandOver,
    Letter,
    Node,
    Question,
    Services,
    Set,
)
from flows.dialogue.graph import Answer as AnswerNode
from flows.dialogue.graph import Say as SayNode
from flows.dialogue.questions import Taken, put, take
from flows.dialogue.reading import means
from flows.dialogue.wording import fill
from flows.dialogue.world import Given, World
from translations.phrases import phrase

OUTSIDE = ""  # from where somebody comes who begins
BACK = "<"  # where an earlier question is asked once more: no arrow leads there


class BrokenFlow(Exception):
    """The flow walks in a circle or names a node that it doesn't have: `check` would have found it."""


@dataclass(frozen=True)
class State:
    """Where a conversation stands in a flow. `path`: the questions answered so far, for going back."""

    flow: str
    version: int
    node: str
    fields: dict[str, Any] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    tries: int = 0
    told: tuple[str, ...] = ()  # fields that the person told before the first question
    item: str = ""  # of a checklist: the one that was explained, and may be ticked now

    def to_data(self) -> dict[str, Any]:
        return asdict(self) | {"path": list(self.path), "told": list(self.told)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "path": tuple(data["path"]), "told": tuple(data["told"])})


@dataclass(frozen=True)
class Step:
    """`state` None: the flow is over. `understood` False: nothing happened; the words may be for somebody else."""

    state: State | None
    effects: tuple[Effect, ...] = ()
    understood: bool = True
    problem: str = ""
    ways: tuple[tuple[str, str], ...] = ()  # from where to where it went, for counting; see OUTSIDE and BACK


def start(
    flow: Flow,
    version: int,
    fields: Mapping[str, Any],
    world: World,
    node: str | None = None,
    told: tuple[str, ...] = (),
) -> Step:
    """Begin, with what is known about the person; what they `told` just now is not asked again."""
    first = node or flow.start
    lasting = {key: value for key, value in fields.items() if key in told or not _passes(key, world)}
    step = _walk(flow, State(flow.flow, version, first, lasting, told=told), first, world, came=OUTSIDE)
    if step.state is None:
        return step
    return step if _is_menu(flow, step.state) else replace(step, effects=_with_ways(step.effects, world))


def step(flow: Flow, state: State, given: Given, world: World) -> Step:
    """Take what the person did as an answer to the question they were asked."""
    if means("back", given.text):
        return _back(flow, state, world)
    left, state = state, _pressed_earlier(state, given)
    question = question_of(flow, state)
    taken = take(flow.flow, state.node, question, state.fields, given, world, item=state.item)
    if taken.next is None and taken.say is None:
        return Step(state, understood=False, problem=taken.problem)
    done = _go_on(flow, state, question, taken, world)
    return done if left is state else replace(done, ways=(*_ways_back(left, state), *done.ways))


def again(flow: Flow, state: State, problem: str, world: World) -> Step:
    """Kind words on an answer that could not be taken, and the question once more; in the end as if they didn't know.

    Where the flow has no way on for that, a human.
    """
    question = question_of(flow, state)
    if state.tries + 1 >= WRONG_ANSWERS:
        if isinstance(question, Ask) and question.skip:
            return _go_on(flow, state, question, Taken(question.skip, question.field, None), world)
        if flow.stuck:
            return _walk(flow, replace(state, tries=0), flow.stuck, world, came=state.node)
        if flow.discreet:
            return Step(None, (*_safe_contact(flow), Ended()))
        return Step(None, (Phrase("flow.stuck"), OpenCase("flow_stuck", _needs(flow)), Ended()))
    words = _text(question.again, state, world) if isinstance(question, Ask) and question.again else None
    kind = Say(words) if words else Phrase(f"flow.again.{problem or 'choice'}")
    return Step(replace(state, tries=state.tries + 1), (kind, *_put(flow, state, world)))


def repeat(flow: Flow, state: State, world: World) -> Step:
    """The question once more: after a question of the person's own, or as a reminder."""
    return Step(state, _put(flow, state, world))


def _go_on(flow: Flow, state: State, question: Question, taken: Taken, world: World) -> Step:
    effects: list[Effect] = []
    fields = dict(state.fields)
    if taken.field is not None:
        fields[taken.field] = taken.value
        effects += _learn(flow, taken.field, taken.value, world)
    effects += taken.say or ()
    if isinstance(question, Ask) and question.what == "place":
        world = replace(world, place=taken.value if taken.value in world.library.places else "")
    if taken.next is None:  # the same question goes on: a checklist
        return Step(replace(state, fields=fields, tries=0, item=taken.item), tuple(effects))
    path = (*state.path, state.node)[-BACK_STEPS:]
    moved = replace(state, fields=fields, path=path, tries=0, item="")
    done = _walk(flow, moved, taken.next, world, came=state.node)
    return replace(done, effects=(*effects, *done.effects))


def _walk(flow: Flow, state: State, name: str, world: World, *, came: str) -> Step:
    """On to the next question, or to the end."""
    visited = [came]
    done = _walk_on(flow, state, name, world, visited)
    return replace(done, ways=tuple(pairwise(visited)))


def _walk_on(flow: Flow, state: State, name: str, world: World, visited: list[str]) -> Step:
    effects: list[Effect] = []
    for _ in range(STEPS_WITHOUT_QUESTION):
        node = _node(flow, name)
        visited.append(name)
        state = replace(state, node=name)
        match node:
            case Choose() | Ask() | Checklist():
                known = _known(node, state, world)
                if known is None:
                    return Step(state, (*effects, *_put(flow, state, world)))
                name = known
            case End():
                text = _text(node.text, state, world) if node.text else None
                return Step(None, (*effects, *([Say(text)] if text else []), Ended(node.next)))
            case GoTo():
                return Step(None, (*effects, Begin(node.flow, node.node, state.fields)))
            case HandOver():
                effects += [Learn(key, state.fields[key]) for key in node.tell if state.fields.get(key) is not None]
                effects.append(_case(flow, node, state))
                if node.next is None:
                    return Step(None, (*effects, Ended()))
                name = node.next
            case _:
                state, made, name = _pass(flow, node, state, world)
                effects += made
    raise BrokenFlow(f"{flow.flow}: {name} walks on without a question")


def _pass(flow: Flow, node: Node, state: State, world: World) -> tuple[State, list[Effect], str]:
    """A node that waits for nobody."""
    match node:
        case SayNode():
            text = _text(node.sms if world.short and node.sms else node.text, state, world)
            files = [f[world.language] for f in (node.image, node.audio) if f and world.language in f]  # type: ignore[index]
            return state, [Say(text, files=tuple(files))], node.next
        case Condition():
            chosen = next((case.next for case in node.cases if holds(case.when, state.fields, world)), node.otherwise)
            return state, [], chosen
        case AnswerNode():
            return state, [SayAnswer(node.topic)], node.next
        case Services():
            return state, [SayServices(node.topic)], node.next
        case Letter():
            return state, [MakeLetter(node.letter, state.fields)], node.next
        case Set():
            fields = {key: _value(value, state, world) for key, value in node.values.items()}
            learned: list[Effect] = [Learn(key, value) for key, value in fields.items() if node.tell]
            learned = learned or [e for key, value in fields.items() for e in _learn(flow, key, value, world)]
            return replace(state, fields=state.fields | fields), learned, node.next
        case _:
            raise BrokenFlow(f"{flow.flow}: {state.node} can't be passed")


def _value(value: Any, state: State, world: World) -> Any:
    if not isinstance(value, Deadline):
        return value
    since = state.fields.get(value.since)
    return RULES[value.deadline](date.fromisoformat(since), world.land).isoformat() if since else None


def _known(node: Question, state: State, world: World) -> str | None:
    """Where to go on when the person need not be asked again."""
    if isinstance(node, Checklist) or node.field is None or not (node.unless_known or node.field in state.told):
        return None
    value = state.fields.get(node.field)
    if isinstance(node, Ask) and node.what == "place":
        value = world.place or value
    if value is None:
        return None
    if isinstance(node, Ask):
        return node.after(value)
    return next((option.next for option in node.options if option.value == value), None)


def _case(flow: Flow, node: HandOver, state: State) -> OpenCase:
    deadline = state.fields.get(node.deadline) if node.deadline else None
    return OpenCase(node.reason, node.needs or _needs(flow), node.urgent, node.team, deadline, node.promise)


def to_human(flow: Flow, state: State) -> tuple[Effect, ...]:
    """The person asks for a colleague in the middle: what the flow has found out goes with them."""
    if flow.discreet:
        return _safe_contact(flow)
    return (OpenCase("asked", _needs(flow), deadline=_nearest_deadline(flow, state)),)


def _safe_contact(flow: Flow) -> tuple[Effect, ...]:
    """Nobody writes before it is known when that is safe; the usual promise would name another time."""
    return (OpenCase("safe_contact", _needs(flow), urgent=True, promise=False), Phrase("handover.safe"))


def _nearest_deadline(flow: Flow, state: State) -> str | None:
    keys = {node.deadline for node in flow.nodes.values() if isinstance(node, HandOver) and node.deadline}
    return min((state.fields[key] for key in keys if state.fields.get(key)), default=None)


def _needs(flow: Flow) -> tuple[str, ...]:
    return flow.topics[:1]


def _learn(flow: Flow, key: str, value: Any, world: World) -> list[Effect]:
    """Kept beyond the flow where the field says so; of a discreet flow nothing is."""
    definition = world.library.fields.get(key)
    kept = definition is not None and definition.keep and not flow.discreet
    return [Learn(key, value)] if kept else []


def _back(flow: Flow, state: State, world: World) -> Step:
    if not state.path:
        return Step(state, (Phrase("flow.first"), *_put(flow, state, world)))
    earlier = replace(state, node=state.path[-1], path=state.path[:-1], tries=0)
    return Step(earlier, _put(flow, earlier, world), ways=_ways_back(state, earlier))


def _ways_back(state: State, earlier: State) -> tuple[tuple[str, str], ...]:
    return ((state.node, BACK), (BACK, earlier.node))


def _pressed_earlier(state: State, given: Given) -> State:
    """A button under an earlier question of this flow: the person corrects that answer."""
    kind, _, rest = (given.button or "").partition(":")
    flow, _, rest = rest.partition(":")
    node = rest.partition(":")[0]
    if kind != "pick" or flow != state.flow or node not in state.path:
        return state
    return replace(state, node=node, path=state.path[: state.path.index(node)], tries=0)


def _put(flow: Flow, state: State, world: World) -> tuple[Effect, ...]:
    return (put(flow.flow, state.node, question_of(flow, state), state.fields, world),)


def _text(words: Any, state: State, world: World) -> str:
    return fill(words[world.language], state.fields, world.library, world.language, world.today)


def _passes(key: str, world: World) -> bool:
    """A date belongs to the letter it was asked for: it must not become another letter's deadline."""
    field = world.library.fields.get(key)
    return field is not None and field.kind == "date"


def _with_ways(effects: tuple[Effect, ...], world: World) -> tuple[Effect, ...]:
    """Under the first question stands once how to leave it: a human, back, the menu."""
    *before, question = effects
    assert isinstance(question, Say)
    ways = phrase("flow.ways.sms" if world.short else "flow.ways", world.language)
    return (*before, replace(question, text=f"{question.text}\n\n{ways}"))


def _is_menu(flow: Flow, state: State) -> bool:
    node = question_of(flow, state)
    return isinstance(node, Choose) and node.open


def question_of(flow: Flow, state: State) -> Question:
    """What the person was asked. Raises BrokenFlow."""
    node = _node(flow, state.node)
    if not isinstance(node, Choose | Ask | Checklist):
        raise BrokenFlow(f"{flow.flow}: {state.node} asks nothing")
    return node


def _node(flow: Flow, name: str) -> Node:
    try:
        return flow.nodes[name]
    except KeyError:
        raise BrokenFlow(f"{flow.flow}: there is no node {name}") from None
