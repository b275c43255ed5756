"""The flow editor in a browser: a question is added, connected, broken, understood, mended; by keyboard alone, and on a phone."""

from tests.browser.conftest import PHONE, Windows

ARRIVAL = "/editor/flows/arrival"


async def test_a_question_is_added_to_the_arrival_flow_broken_understood_and_repaired(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto(f"{ARRIVAL}?node=hello")
        await page.click("text=Insert a step after this one")
        await page.select_option("form:has(input[value=add]) select[name=kind] >> nth=-1", "choose")
        await page.get_by_role("button", name="Insert", exact=True).click()
        await page.fill("[name=text_de]", "Möchten Sie Kaffee?")
        await page.select_option("[name=to_1]", "node:job")
        await page.get_by_role("button", name="Save the step").click()
        await page.wait_for_selector("text=has no words in this language (text) (Romanian)")
        for code in ("bg", "ro", "uk", "en"):
            await page.fill(f"[name=text_{code}]", "Coffee?")
        await page.get_by_role("button", name="Save the step").click()
        await page.wait_for_selector("text=Saved in the draft.")
        assert not await page.locator("text=must be mended").count()
        # broken: what two of its arrows lead to is deleted
        await page.locator(".box[data-node=registered]").focus()
        await page.keyboard.press("Delete")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=2 errors must be mended")
        await page.locator(".flow-problems a").first.click()
        await page.wait_for_selector("#panel >> text=leads nowhere yet")
        # mended by taking it back
        await page.locator(".flow-canvas").focus()
        await page.keyboard.press("Control+z")
        await page.wait_for_selector(".box[data-node=registered]")
        assert not await page.locator("text=must be mended").count()


async def test_the_picture_is_walked_with_the_keyboard_alone(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto(ARRIVAL)
        await page.locator(".box[data-node=hello]").focus()
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
            await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.dataset.node") == "job"
        await page.keyboard.press("Enter")
        await page.wait_for_url("**node=job")
        assert await page.input_value("[name=text_de]") == "Haben Sie hier schon Arbeit?"
        assert await screen.axe() == []


async def test_on_a_phone_the_outline_stands_alone(windows: Windows) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        await screen.goto(f"{ARRIVAL}?node=papers")
        assert not await screen.page.is_visible(".flow-canvas")
        assert await screen.page.is_visible("#step-registered")
        assert await screen.overflow() <= 0


async def test_a_question_gets_an_answer_of_its_own_and_is_tried_out_beside_the_picture(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto(f"{ARRIVAL}?node=job")
        assert not await page.is_visible("[name=field_name_de]")
        await page.select_option("[name=field]", "+")
        await page.fill("[name=field_name_de]", "Hat Arbeit hier")
        await page.get_by_role("button", name="Save the step").click()
        await page.wait_for_selector("text=goes live together with this flow")
        assert await page.input_value("[name=field]") == "hat_arbeit_hier"
        assert await screen.axe() == []
        await page.click("text=Try from here")
        await page.locator("#try-here .phone").get_by_text("Do you have work here already?").wait_for()
        assert await page.evaluate("document.activeElement.id") == "try-here"
        assert await screen.axe() == []
