"""Sets pages with typst: letters, posters, cards. The one place that loads it: 50 MB that a worker may never need."""

from collections.abc import Mapping
from typing import Literal

POINTS = 72  # one typst point is one pixel


def typeset(template: bytes, inputs: Mapping[str, str], form: Literal["pdf", "png"]) -> bytes:
    """The page or pages. Texts come in as inputs, so nothing that somebody wrote is ever read as typst. Takes some 50 ms."""
    import typst  # noqa: PLC0415 - see above

    fonts = typst.Fonts(include_system_fonts=False)
    made = typst.compile(template, format=form, ppi=POINTS, sys_inputs=dict(inputs), font_paths=fonts)
    assert isinstance(made, bytes), "several pages as pictures are not asked for"
    return made
