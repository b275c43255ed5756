"""How an answer that is being written would be heard: made by the code that speaks, for each of the apps, on any day and in
any place. Half-written drafts speak too, as far as their words go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.directory import who_helps
from app.editor.trial import library_with
from app.hub import Hub
from app.models import Conversation
from app.outbox import parts_of
from app.registry import LiveChannel
from app.sms_costs import cost_of
from app.topics import next_steps
from app.voicing import as_messages, button_label
from channels.base import Button, Outbound
from channels.webchat import WebChat
from flows.findings import Issue
from flows.library import Library, Said
from flows.model import SMS_CHARS
from translations.phrases import phrase


class Unspeakable(Exception):
    """The words are too long, or something of them is missing: `issues` says what."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__()
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Part:
    """One message as it would leave; `cost` as messages keep it: {"sms": {"segments", "encoding", "cents"}} or empty."""

    outbound: Outbound
    cost: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """Who hears it, where, when and with which app."""

    language: str
    place: str
    on: date
    look: str


def speak(hub: Hub, data: Mapping[str, Any], scene: Scene) -> list[Part]:
    """Raises Unspeakable, and NotSayable where nothing may be said on that day."""
    topic = str(data.get("topic", ""))
    library = _library(hub.shelf.library, data, scene)
    said = library.say(topic, scene.language, scene.place, scene.on)
    channel = _channel(hub, scene.look)
    messages = as_messages(library, said, by_sms=channel.by_sms)
    messages[-1] = replace(
        messages[-1],
        buttons=_buttons(hub, library, said, scene, by_sms=channel.by_sms),
        list_label=phrase("button.choose", scene.language),
    )
    listener = Conversation(language=scene.language, script=None, state={})
    return [Part(part, cost_of(channel, part.text)) for part in parts_of(channel, listener, messages)]


def _library(library: Library, data: Mapping[str, Any], scene: Scene) -> Library:
    try:
        return library_with(library, "entry", _heard(data, scene, known=set(library.entries)))
    except ValidationError as error:
        raise Unspeakable(
            [
                Issue("error", ".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, "), scene.language)
                for e in error.errors()
            ]
        ) from None


def _heard(data: Mapping[str, Any], scene: Scene, known: set[str]) -> dict[str, Any]:
    """The entry as far as these listeners hear it: what nobody says, such as sources, may still be missing."""
    answers = data.get("answers") or {}
    answer = answers.get(scene.language)
    words = {key: answer[key] for key in ("label", "question", "messages", "sms") if answer.get(key)} if answer else {}
    spare = {"label": "…", "question": "…", "sms": " ".join(words.get("messages") or ["…"])[:SMS_CHARS]}
    places = {
        place: {scene.language: local[scene.language]}
        for place, local in (data.get("places") or {}).items()
        if scene.language in local
    }
    return {
        "topic": data.get("topic"),
        "sources": [{"code": "-"}],
        "law_as_of": scene.on,
        "review_on": scene.on,
        "valid_from": data.get("valid_from"),
        "valid_until": data.get("valid_until"),
        "next": [slug for slug in data.get("next") or () if slug in known],
        "answers": {scene.language: {**spare, **words}} if answer else {},
        "places": places,
        "audio": {code: name for code, name in (data.get("audio") or {}).items() if code == scene.language},
    }


def _buttons(hub: Hub, library: Library, said: Said, scene: Scene, *, by_sms: bool) -> tuple[Button, ...]:
    more = [f"topic:{slug}" for slug in said.next if slug != said.topic]
    helped = bool(who_helps(library, said.topic, scene.place, scene.language, hub.now(), limit=1))
    actions = next_steps(library, said.topic, more, by_sms=by_sms, helped=helped)
    labels = [
        (action, button_label(library, scene.language, action, lambda key: phrase(key, scene.language)))
        for action in actions
    ]
    return tuple(Button(action, label) for action, label in labels if label)


def _channel(hub: Hub, look: str) -> LiveChannel:
    """As the simulator's phones have it, at the price of the town's own SMS channel."""
    options = {"look": look, "cents_per_segment": cents_per_segment(hub)}
    return LiveChannel(0, "", "webchat", "", options, WebChat(look), "")


def cents_per_segment(hub: Hub) -> float:
    """What a part of an SMS costs on the town's own channel; 0 where nobody has told it."""
    prices = (channel.options.get("cents_per_segment") for channel in hub.registry.all())
    return next((float(price) for price in prices if price), 0.0)
