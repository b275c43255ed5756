"""A small flow to walk, and to break on purpose."""

from copy import deepcopy
from datetime import date
from typing import Any

from flows.dialogue import engine
from flows.dialogue.effects import Effect, Say
from flows.dialogue.graph import Flow, FlowField
from flows.dialogue.world import Given, World
from flows.library import Library
from flows.load import Content
from flows.model import ANSWER_LANGUAGES, Place

TODAY = date(2026, 11, 22)


def words(text: str) -> dict[str, str]:
    return dict.fromkeys(ANSWER_LANGUAGES, text)


SMALL: dict[str, Any] = {
    "flow": "small",
    "label": words("Small"),
    "topics": [],
    "start": "hello",
    "nodes": {
        "hello": {"kind": "say", "text": words("Hello."), "next": "how_many"},
        "how_many": {
            "kind": "ask", "what": "number", "field": "rooms", "least": 1, "most": 9, "text": words("How many rooms?"),
            "skip": "warm", "next": "warm",
        },
        "warm": {
            "kind": "ask", "what": "yes_no", "field": "is_warm", "text": words("Warm?"), "if_yes": "fine", "if_no": "when",
        },
        "when": {"kind": "ask", "what": "date", "field": "cold_since", "text": words("Since when?"), "next": "kind"},
        "kind": {
            "kind": "choose", "field": "heating", "text": words("Which heating, {rooms} rooms, cold since {cold_since}?"),
            "options": [
                {"value": "gas", "label": words("Gas"), "next": "long"},
                {"value": "oil", "label": words("Oil stove"), "next": "long"},
            ],
        },
        "long": {
            "kind": "condition",
            "cases": [{"when": {"field": "cold_since", "days_ago": 14}, "next": "human"}],
            "otherwise": "fine",
        },
        "human": {"kind": "hand_over", "reason": "cold_flat", "urgent": True},
        "fine": {"kind": "end", "text": words("Good.")},
    },
}  # fmt: skip
FIELDS: list[dict[str, Any]] = [
    {"key": "rooms", "kind": "number", "names": words("Rooms")},
    {"key": "is_warm", "kind": "yes_no", "names": words("Warm"), "keep": False},
    {"key": "cold_since", "kind": "date", "names": words("Cold since")},
    {"key": "heating", "kind": "choice", "names": words("Heating")},
    {"key": "child_ages", "kind": "ages", "names": words("Ages")},
    {"key": "where", "kind": "place", "names": words("Place")},
    {"key": "note", "kind": "text", "names": words("Note")},
    {"key": "todo", "kind": "checklist", "names": words("To do")},
]


def small(**changes: Any) -> dict[str, Any]:
    """The flow's data; `nodes` given here are added or replaced."""
    data = deepcopy(SMALL)
    data["nodes"] |= changes.pop("nodes", {})
    return data | changes


def content(*flows: dict[str, Any]) -> Content:
    places = (
        Place(slug="land", names=words("Land"), served=False, land="ST"),
        Place(slug="town", parent="land", names=words("Town")),
    )
    fields = tuple(FlowField.model_validate(field) for field in FIELDS)
    return Content((), (), places, flows=tuple(Flow.model_validate(flow) for flow in flows), fields=fields)


class Walk:
    """A person who walks through a flow."""

    def __init__(self, data: dict[str, Any], *, short: bool = False, known: dict[str, Any] | None = None) -> None:
        loaded = content(data)
        self.library = Library.from_data((kind, key, 1, piece) for kind, key, piece in loaded.pieces())
        self.flow = self.library.flows[data["flow"]][1]
        self.world = World(self.library, "en", "sms" if short else "telegram", "town", TODAY, short)
        self.last = engine.start(self.flow, 1, known or {}, self.world)

    @property
    def state(self) -> engine.State:
        assert self.last.state is not None
        # Through plain data, as it is kept between two messages.
        return engine.State.from_data(self.last.state.to_data())

    def says(self, text: str = "", **given: Any) -> engine.Step:
        step = engine.step(self.flow, self.state, Given(text=text, **given), self.world)
        self.last = step if step.understood else engine.again(self.flow, self.state, step.problem, self.world)
        return self.last

    def presses(self, label: str) -> engine.Step:
        pick = next(pick for pick in self.picks if pick.label == label)
        return self.says(label, button=pick.id)

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.last.effects

    @property
    def texts(self) -> list[str]:
        return [effect.text for effect in self.effects if isinstance(effect, Say)]

    @property
    def picks(self) -> tuple[Any, ...]:
        return next((effect.picks for effect in reversed(self.effects) if isinstance(effect, Say)), ())
