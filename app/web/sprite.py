"""Pictograms that a page draws once and shows often: small pages for slow phones."""

import re

from lucide.jinja import lucide
from markupsafe import Markup

_INNER = re.compile(r"<svg[^>]*>\s*(.*?)\s*</svg>", re.DOTALL)
_BETWEEN = re.compile(r">\s+<")


class Sprite:
    """`icon` for use in a template, `drawings` for the end of the same page. Strokes and colours come from the style sheet."""

    def __init__(self) -> None:
        self._used: dict[str, None] = {}

    def icon(self, name: str, size: int = 22) -> Markup:
        """Beside words, never instead of them: hidden from screen readers."""
        self._used[name] = None
        return Markup(
            '<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use xlink:href="#i-{1}"/></svg>'
        ).format(size, name)

    def drawings(self) -> Markup:
        symbols = "".join(
            f'<symbol id="i-{name}" viewBox="0 0 24 24">{_shape(name)}</symbol>' for name in sorted(self._used)
        )
        return Markup(f'<svg class="drawings" width="0" height="0" aria-hidden="true">{symbols}</svg>')  # noqa: S704


def _shape(name: str) -> str:
    match = _INNER.search(lucide(name))
    assert match is not None
    return _BETWEEN.sub("><", match[1])
