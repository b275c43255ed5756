"""A colleague's window: which case it shows, and how long it takes until news stand on it."""

import asyncio
from dataclasses import dataclass
from random import Random
from time import monotonic

from playwright.async_api import Error, Page

from tests.browser.conftest import Screen
from tests.use.day import Day

PATIENCE = 60.0  # seconds, for machines that others use too; what is not there by then never comes
RESTING = """([x, y, ms]) => new Promise(done => {
    const seen = new Set(), card = () => document.elementsFromPoint(x, y).map(each => each.closest('.card')).find(Boolean);
    const look = () => seen.add(card()?.id ?? '');  // a notice may lie above it
    const timer = setInterval(look, 50);
    look();
    setTimeout(() => { clearInterval(timer); look(); done([...seen]); }, ms);
})"""


@dataclass
class Desk:
    """One colleague at work. `thumb`: on a phone."""

    day: Day
    screen: Screen
    name: str
    chance: Random
    thumb: bool = False
    case_id: int = 0  # what the window shows; 0: no case

    @property
    def page(self) -> Page:
        return self.screen.page

    async def to_list(self, view: str = "all") -> None:
        self.case_id = 0
        await self.screen.goto(f"/inbox?view={view}")

    async def choose(self, view: str = "all") -> int | None:
        """A case of the list, opened; None where the list is empty, or the row left before the thumb came down.

        On a desk every second time from the list that stands beside an open case.
        """
        beside = not self.thumb and f"view={view}" in self.page.url and self.chance.random() < 0.5
        if not beside:
            await self.to_list(view)
        rows = self.page.locator("#cards .card")
        count = await rows.count()
        if not count:
            return None
        number = self.chance.randrange(count)
        return await (self._tap(number) if self.thumb else self._click(number))

    async def _click(self, number: int) -> int | None:
        """Rest on a row while people write, then click where the pointer is: it must be that row all the time."""
        row = self.page.locator("#cards .card").nth(number)
        try:
            await row.scroll_into_view_if_needed()
            box = await row.bounding_box()
        except Error:
            box = None
        if box is None:  # it left before the pointer came
            return None
        x, y = box["x"] + box["width"] / 2, box["y"] + min(30, box["height"] / 2)
        await self.page.mouse.move(x, y)
        under = await self.page.evaluate(RESTING, [x, y, 1500])
        if under == [""]:  # the same
            return None
        if len(under) != 1:
            self.day.findings.append(f"{self.name}: under the resting pointer stood {under}")
            return None
        case_id = int(under[0].removeprefix("card-"))
        self.case_id = 0
        async with self.page.expect_navigation(url=f"**/inbox/{case_id}?**"):
            await self.page.mouse.click(x, y)
        await self.page.mouse.move(5, 5)
        self.case_id = case_id
        return case_id

    async def _tap(self, number: int) -> int | None:
        address = await self.page.locator("#cards .card-link").nth(number).get_attribute("href")
        case_id = int((address or "").split("?")[0].rsplit("/", 1)[1])
        link = self.page.locator(f"#card-{case_id} .card-link")
        if not await link.count():
            return None
        async with self.page.expect_navigation(url=f"**/inbox/{case_id}?**"):
            await link.tap()
        self.case_id = case_id
        return case_id

    async def watch(self, case_id: int, text: str) -> None:
        """How long until the words stand in the thread, if this window shows their case all the time."""
        begin = monotonic()
        while self.case_id == case_id:
            try:
                if await self.page.evaluate(
                    "text => document.getElementById('thread')?.textContent.includes(text)", text
                ):
                    self.day.lags.append(monotonic() - begin)
                    return
            except Error:  # between two pages
                pass
            if monotonic() - begin > PATIENCE:
                self.day.findings.append(f"{self.name}: a message did not come onto the open page of case {case_id}")
                return
            await asyncio.sleep(0.1)
