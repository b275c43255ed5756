"""What a second reader changed in a text, word by word."""

import re
from difflib import SequenceMatcher
from typing import Literal

Change = tuple[Literal["same", "gone", "new"], str]

WORD = re.compile(r"\s*\S+")


def changes(before: str, after: str) -> list[Change]:
    """'come at ten' -> 'come at nine': same 'come at', gone ' ten', new ' nine'."""
    old, new = WORD.findall(before), WORD.findall(after)
    made: list[Change] = []
    for what, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            made.append(("same", "".join(old[start:end])))
            continue
        if end > start:
            made.append(("gone", "".join(old[start:end])))
        if new_end > new_start:
            made.append(("new", "".join(new[new_start:new_end])))
    return made
