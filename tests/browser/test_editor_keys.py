"""The editor with the keyboard alone: where the keys are after a page came anew, and that nothing covers them."""

import pytest
from playwright.async_api import Dialog

from tests.browser.conftest import DESK, PHONE, Windows

ENTRY = "/editor/entries/work.minimum_wage"
ARRIVAL = "/editor/flows/arrival"
FOCUSED = "document.activeElement.id || document.activeElement.className"
# What has the keys lies under a bar at the window's edge.
COVERED = """() => {
    const field = document.activeElement.closest("label") ?? document.activeElement;
    const box = field.getBoundingClientRect();
    const [bar] = [...document.querySelectorAll(".save-bar, .panel-save, .nav")]
        .filter((each) => !each.contains(field) && getComputedStyle(each).position === "sticky")
        .map((each) => each.getBoundingClientRect())
        .filter((each) => each.height < 200 && each.left < box.right && each.right > box.left) // no rail
        .sort((one, other) => one.top - other.top);
    return Boolean(bar) && box.top + Math.min(box.height, 30) > bar.top + 1 && box.top < bar.bottom;
}"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_no_bar_covers_what_has_the_keys(windows: Windows, size: tuple[int, int]) -> None:
    async with windows.open("boris@example.org", size) as screen:
        for path in (ENTRY, "/editor/templates/open_window", f"{ARRIVAL}?node=papers"):
            await screen.goto(path)
            for _ in range(60):
                await screen.page.keyboard.press("Tab")
                assert not await screen.page.evaluate(COVERED), (path, await screen.page.evaluate(FOCUSED))


async def test_the_bar_to_save_stands_above_the_navigation_of_a_phone(windows: Windows) -> None:
    async with windows.open("boris@example.org", (768, 740)) as screen:
        await screen.goto(ENTRY)
        bar = await screen.page.locator(".save-bar").bounding_box()
        nav = await screen.page.locator(".nav").bounding_box()
        assert bar
        assert nav
        assert abs(bar["y"] + bar["height"] - nav["y"]) <= 1


async def test_the_keys_go_into_a_step_that_opens_and_back_when_it_closes(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto(ARRIVAL)
        await page.locator(".box[data-node=job]").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**node=job")
        await page.wait_for_function(f"({FOCUSED}) === 'panel-title'")
        await page.fill("[name=text_de]", "Arbeiten Sie hier schon?")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Save the step").click()
        await page.wait_for_url("**done=*")
        await page.wait_for_function(f"({FOCUSED}) === 'panel-title'")
        said = await page.locator("#panel-title").get_attribute("aria-describedby") or ""
        assert await page.locator(f"#{said.split()[-1]}").inner_text() == "Saved in the draft."
        await page.keyboard.press("Escape")
        await page.wait_for_url("**#step-job")
        await page.wait_for_function(f"({FOCUSED}) === 'step-job'")


async def test_a_step_that_is_not_saved_is_not_left_without_asking(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto(f"{ARRIVAL}?node=job")
        await page.locator("[name=text_de]").press_sequentially("Und ")
        asked: list[str] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.dismiss()

        page.once("dialog", stay)
        await page.keyboard.press("Escape")
        assert asked == ["beforeunload"]
        assert "Und " in await page.input_value("[name=text_de]")


async def test_the_picture_is_one_stop_of_the_tab_key_and_every_step_is_in_reach(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto(ARRIVAL)
        await page.locator(".flow-canvas").focus()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.dataset.node") == "hello"
        reached = set()
        for _ in range(40):  # row by row, each from its left end to its right
            for _ in range(12):
                await page.keyboard.press("ArrowLeft")
            for _ in range(12):
                reached.add(await page.evaluate("document.activeElement.dataset.node"))
                await page.keyboard.press("ArrowRight")
            await page.keyboard.press("PageDown")
        assert reached == set(await page.eval_on_selector_all(".box", "all => all.map((each) => each.dataset.node)"))
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('.flow-graph') === null")


async def test_what_a_page_says_after_saving_has_the_keys(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        await screen.goto(ENTRY)
        await screen.page.locator("[name=words_de]").fill("Lohn")
        await screen.page.click(".save-bar [type=submit]")
        await screen.page.wait_for_function("document.activeElement.matches('.done[role=status]')")


async def test_the_pages_of_the_editor_are_one_row_on_a_phone(windows: Windows) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        await screen.goto("/editor/incoming")
        row = await screen.page.locator(".sub-nav").bounding_box()
        here = await screen.page.locator(".sub-nav [aria-current]").bounding_box()
        assert row
        assert here
        assert row["height"] < 60
        assert here["x"] >= 0
        assert here["x"] + here["width"] <= PHONE[0]
