"""Forms of the admin pages: what was typed outlives a refusal; on a phone their pages are one line to swipe."""

from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street

PLACE = "/admin/places/weissenfels"


async def test_a_refused_form_stays_as_it_is_filled_in(windows: Windows, street: Street) -> None:
    async with windows.open("chris@example.org", expected=("422", "ERR_FAILED", "ERR_INTERNET_DISCONNECTED")) as screen:
        page = screen.page
        await screen.goto(PLACE)
        await page.fill("[name=hours_mon]", "9 bis zwölf")
        await page.fill("[name=alerts]", "dienst@example.org")
        await page.click("form[data-stays] button[type=submit]")
        await page.wait_for_selector("#notice .notice")
        assert await page.input_value("[name=hours_mon]") == "9 bis zwölf"
        assert await page.input_value("[name=alerts]") == "dienst@example.org"
        await page.fill("[name=hours_mon]", "9:00-12:00")
        await page.context.set_offline(True)
        await page.click("form[data-stays] button[type=submit]")
        await page.wait_for_selector("#notice :text('nothing was saved')")
        await page.context.set_offline(False)
        await page.click("form[data-stays] button[type=submit]")
        await page.wait_for_url("**/admin/places?done=saved")
        await screen.goto(PLACE)
        assert await page.input_value("[name=hours_mon]") == "09:00–12:00"


async def test_a_shift_without_weekday_asks_for_one_and_keeps_the_rest(windows: Windows, street: Street) -> None:
    async with windows.open("chris@example.org", expected=("422",)) as screen:
        await screen.goto("/admin/roster")
        await screen.page.fill("[name=begins]", "07:30")
        await screen.page.click("form[action='/admin/roster'] button[type=submit]")
        await screen.page.wait_for_selector("#notice .notice")
        assert await screen.page.input_value("[name=begins]") == "07:30"
        for _ in range(2):  # the second time the address is the same
            await screen.page.check("[name=weekdays][value='0']")
            async with screen.page.expect_navigation(url="**/admin/roster?done=saved"):
                await screen.page.click("form[action='/admin/roster'] button[type=submit]")


async def test_on_a_phone_the_pages_are_one_line_with_the_current_one_in_sight(
    windows: Windows, street: Street
) -> None:
    async with windows.open("chris@example.org", PHONE) as screen:
        await screen.goto("/admin/audit")
        line = await screen.page.locator(".sub-nav").bounding_box()
        here = await screen.page.locator(".sub-nav [aria-current]").bounding_box()
        assert line
        assert here
        assert line["height"] < 60
        assert 0 <= here["x"] < here["x"] + here["width"] <= PHONE[0]
        assert await screen.overflow() <= 0
