"""What is wrong with a page as it stands in a window: axe's findings, its width, its smallest targets, its words."""

from typing import Any

from axe_playwright_python.async_playwright import Axe

from tests.browser.conftest import Screen
from tests.use.pages import Visit


async def look(screen: Screen, visit: Visit, *, targets: bool = True) -> list[Any]:
    """Goes there first. An empty list: nothing is wrong.

    `targets`: each is 24 pixels large or has room around it (WCAG 2.2); what a fixed bar covers counts as too small.
    """
    await screen.goto(visit.path)
    if visit.step:
        await visit.step(screen.page)
    found = await Axe().run(screen.page, options={"rules": {"target-size": {"enabled": targets}}})
    wrong: list[Any] = [
        (each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]
    ]
    if (pixels := await screen.overflow()) > 0:
        wrong.append(f"{pixels} pixels too wide")
    wrong += screen.problems
    screen.problems.clear()
    return wrong
