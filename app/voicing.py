"""An answer as messages, and what stands on the hub's buttons: for who speaks with a person, and for who tries it out."""

from collections.abc import Callable

from channels.base import MediaFile, Outbound
from flows.library import Library, Said
from flows.model import LABEL_CHARS
from translations.phrases import phrase


def as_messages(library: Library, said: Said, *, by_sms: bool, mark: str = "") -> list[Outbound]:
    """An answer as it leaves: its recording before the words, by SMS only the short ones; `mark` ends the last of them."""
    texts = [said.sms] if by_sms else list(said.messages)
    if mark:
        texts[-1] += f"\n\n{mark}"
    file = library.files[said.audio] if said.audio and not by_sms else None
    spoken = [Outbound(media=MediaFile(file.data, file.mime, file.name))] if file else []
    return [*spoken, *(Outbound(text=text) for text in texts)]


def button_label(library: Library, language: str, action: str, say: Callable[[str], str]) -> str | None:
    """What stands on a button of the hub; `say` gives a phrase. None where there is nothing to press."""
    kind, _, what = action.partition(":")
    if kind == "topic":
        return library.label(what, language)
    if kind == "place":
        place = library.places.get(what)
        return place.names[language] if place else say("button.place_other")  # type: ignore[index]
    if kind == "lang":
        return phrase("language.name", what)
    if kind == "help":
        return say("button.help")
    if kind == "forget":
        field = library.fields.get(what)
        return f"🗑 {field.names[language]}"[:LABEL_CHARS] if field else None  # type: ignore[index]
    if kind == "flow":
        flow = library.flows.get(what)
        return flow[1].label[language] if flow else None  # type: ignore[index]
    return say(f"button.{action.replace(':', '_')}")
