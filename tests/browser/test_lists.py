"""The list under the pointer: news wait for the reader, and colleagues see each other."""

from playwright.async_api import expect

from app import saved_views
from app.hub import Hub
from app.models import User
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.test_live import person_writes
from tests.web.street import Street


async def test_rows_stay_under_the_pointer_until_the_reader_asks(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto("/inbox?view=all&sort=activity")
        page = screen.page
        first = page.locator(".card").first
        before = await first.inner_text()
        await page.locator(".card").nth(2).hover()
        await person_writes(hub, "нещо ново", "100200300")
        await expect(page.locator("#list-news")).to_have_text("1 change")
        assert await first.inner_text() == before
        await page.click("#list-news")
        await expect(first).to_contain_text("нещо ново")
        await expect(page.locator("#list-news")).to_be_hidden()


async def test_colleagues_see_who_has_the_case_open(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as ana, windows.open("boris@example.org", PHONE) as boris:
        await ana.goto(f"/inbox/{street.urgent.id}")
        await boris.goto(f"/inbox/{street.urgent.id}")
        await expect(ana.page.locator("#presence")).to_contain_text("Boris Lange is looking")
        await boris.page.locator("#reply-text").type("Sunt")
        await expect(ana.page.locator("#presence")).to_contain_text("Boris Lange is answering")


async def test_filters_fit_every_screen(windows: Windows, street: Street) -> None:
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            await screen.goto("/inbox?view=all&language=ro&sort=waiting")
            await screen.page.click("#filters summary")
            assert await screen.axe() == []
            assert await screen.overflow() <= 0


async def test_filters_can_be_sent_however_much_stands_above_the_list(
    hub: Hub, windows: Windows, street: Street
) -> None:
    async with hub.db.transaction() as session:
        await saved_views.save(session, street.boris, "Romanian", {"language": "ro"}, shared=True)
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            await screen.goto("/inbox?view=mine&language=bg&sort=waiting")
            await screen.page.click("#filters summary")
            await expect(screen.page.locator("#filters [type=submit]")).to_be_in_viewport(ratio=1)


async def test_the_names_of_the_navigation_stand_side_by_side(hub: Hub, windows: Windows, street: Street) -> None:
    async with hub.db.transaction() as session:
        (await session.get_one(User, street.boris.id)).language = "de"  # the longest words, the most pages
    async with windows.open("boris@example.org", PHONE) as screen:
        await screen.goto("/inbox")
        boxes = [await each.bounding_box() for each in await screen.page.locator(".nav-link:visible span").all()]
        edges = [edge for box in boxes if box for edge in (box["x"], box["x"] + box["width"])]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert edges[-1] <= PHONE[0]
