"""What the starter content's menu says, for tests that meet it on their way."""

from app.content import CONTENT_DIR
from flows.dialogue.graph import Choose
from flows.load import read_content

_MENU = next(flow for flow in read_content(CONTENT_DIR).flows if flow.flow == "menu")
_FIRST = _MENU.nodes[_MENU.start]
assert isinstance(_FIRST, Choose)
ACTIONS = [*(f"pick:menu:{_MENU.start}:{option.value}" for option in _FIRST.options), "human"]
WORK, HOME = ACTIONS[:2]


def menu_words(language: str, *, sms: bool = False) -> str:
    assert isinstance(_FIRST, Choose)
    words = _FIRST.sms if sms and _FIRST.sms else _FIRST.text
    return words[language]  # type: ignore[index]
