"""A flow in the words of who edits it: what a step does, what its exits are called, what a condition tests."""

from collections.abc import Mapping
from typing import Any

from app.web.i18n import Texts
from app.web.pages import place_name, say_fact
from flows.dialogue.exits import Exit, items_of, nodes_of, option_name
from flows.library import Library
from translations.phrases import phrase

ICONS = {
    "say": "message-square",
    "ask": "circle-question-mark",
    "choose": "list",
    "condition": "split",
    "answer": "book-open-text",
    "service": "map-pinned",
    "hand_over": "hand-helping",
    "set": "bookmark-check",
    "letter": "file-text",
    "checklist": "list-todo",
    "go_to": "corner-down-right",
    "end": "flag",
}
TITLE_CHARS = 60
TESTS = ("known", "equals", "one_of", "at_least", "at_most", "past", "within_days", "days_ago")


class FlowWords:
    """For one reader and one flow's data."""

    def __init__(self, words: Texts, library: Library, data: Mapping[str, Any]) -> None:
        self.words = words
        self.library = library
        self.nodes = nodes_of(data)

    def kind(self, name: str) -> str:
        return self.words.term("step", str(self.nodes.get(name, {}).get("kind", "")))

    def icon(self, name: str) -> str:
        return ICONS.get(str(self.nodes.get(name, {}).get("kind")), "circle-dot")

    def title(self, name: str) -> str:
        """One line, for lists to choose from."""
        said = " ".join(self.summary(name).split())
        short = said if len(said) <= TITLE_CHARS else f"{said[: TITLE_CHARS - 1].rstrip()}…"
        return f"{short} ({name})" if short else f"{self.kind(name)} ({name})"

    def summary(self, name: str) -> str:
        """What the step says or does."""
        node = self.nodes.get(name, {})
        if text := self.in_words(node.get("text")):
            return text
        match node.get("kind"):
            case "answer" | "service":
                return self.topic(str(node.get("topic") or ""))
            case "condition":
                return " · ".join(self.test(case.get("when") or {}) for case in items_of(node))
            case "hand_over":
                return self.words.term("reason", str(node.get("reason") or ""))
            case "set":
                return " · ".join(self.fact(key, value) for key, value in (node.get("values") or {}).items())
            case "go_to":
                return self.flow(str(node.get("flow") or ""))
            case "letter":
                found = self.library.letters.get(str(node.get("letter")))
                return self.in_words(found.names) if found else str(node.get("letter") or "")
            case "end":
                return " · ".join(self.topic(each) for each in node.get("next") or ())
            case _:
                return ""

    def exit(self, name: str, found: Exit) -> str:
        """What an exit is called; empty where there is only one way."""
        node = self.nodes.get(name, {})
        kind, _, rest = found.name.partition(":")
        match kind:
            case "option":
                options = items_of(node)
                names = [option_name(option, place) for place, option in enumerate(options)]
                return self.option(node, options[names.index(found.name)]) if found.name in names else rest
            case "case":
                cases = items_of(node)
                return self.test(cases[int(rest)].get("when") or {}) if int(rest) < len(cases) else rest
            case "if_yes" | "if_no":
                return phrase("button.yes" if kind == "if_yes" else "button.no", self.words.language)
            case "next" if node.get("kind") != "ask":
                return ""
            case _:
                return self.words.term("exit", kind)

    def option(self, node: Mapping[str, Any], option: Mapping[str, Any]) -> str:
        """Its own words, else those of the field's value, the topic or the flow."""
        if own := self.in_words(option.get("label")):
            return own
        if option.get("topic"):
            return self.topic(option["topic"])
        if option.get("flow"):
            return self.flow(option["flow"])
        field = self.library.fields.get(str(node.get("field")))
        value = str(option.get("value") or "")
        return (self.in_words(field.values.get(value)) if field else "") or value

    def test(self, test: Mapping[str, Any]) -> str:
        """'Ages of the children: at most 5'."""
        said = []
        name = self.field(str(test["field"])) if test.get("field") else ""
        for how in TESTS:
            if (value := test.get(how)) is not None:
                said.append(self._about_field(str(test.get("field")), how, value))
        about = [f"{name}: {' · '.join(said)}"] if name else []
        for what in ("language", "channel", "place", "since"):
            if (value := test.get(what)) is not None:
                about.append(f"{self.words.term('tested', what)}: {self._world(what, value)}")
        return " · ".join(about)

    def field(self, key: str) -> str:
        found = self.library.fields.get(key)
        return self.in_words(found.names) if found else key

    def fact(self, key: str, value: Any) -> str:
        if isinstance(value, Mapping):
            rule = self.words.term("rule", str(value.get("deadline")))
            return f"{self.field(key)}: {rule}, {self.words.get('from')} {self.field(str(value.get('since')))}"
        return f"{self.field(key)}: {self.value(key, value)}"

    def value(self, key: str, value: Any) -> str:
        """A field's value as one says it; whatever cannot be said, as it is."""
        try:
            return say_fact(self.library, key, value, self.words.language)[1]
        except (ValueError, TypeError, AttributeError):
            return str(value)

    def topic(self, slug: str) -> str:
        return self.library.label(slug, self.words.language) or slug

    def flow(self, slug: str) -> str:
        found = self.library.flows.get(slug)
        return self.in_words(found[1].label) if found else slug

    def in_words(self, texts: Any) -> str:
        """In the reader's language, else in German, else in any."""
        if not isinstance(texts, Mapping):
            return ""
        found = [texts.get(self.words.language), texts.get("de"), *texts.values()]
        return next((text for text in found if isinstance(text, str) and text), "")

    def _about_field(self, key: str, how: str, value: Any) -> str:
        if how in ("known", "past"):
            return self.words.term("test", how if value else f"not_{how}")
        if how in ("equals", "one_of"):
            values = value if isinstance(value, list) else [value]
            return self.words.get(" or ").join(self.value(key, each) for each in values)
        return self.words.get(f"test.{how}.n").format(n=value)

    def _world(self, what: str, value: Any) -> str:
        if what == "place":
            return place_name(self.library, str(value), self.words.language)
        if what == "language":
            return ", ".join(self.words.language_name(code) for code in value)
        if what == "channel":
            return ", ".join(self.words.term("channel_kind", kind) for kind in value)
        return str(value)
