"""Inserting texts, naming colleagues and quoting in a real browser, by keyboard and by thumb."""

from playwright.async_api import expect

from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street

LETTER = "Bitte kommen Sie am Montag um zehn Uhr mit allen Briefen und Ihrem Ausweis zu uns. " * 8
KEYBOARD = (360, 400)  # what the keyboard leaves of a phone
INSIDE = "document.getElementById('picker').getBoundingClientRect().right <= innerWidth"


async def test_a_text_is_found_and_inserted_by_keyboard(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", expected=("422",)) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.focus("#reply-text")
        await page.keyboard.type("Bună!\n/")
        await expect(page.locator("#picker-search")).to_be_focused()
        await page.keyboard.type("termin")
        await expect(page.locator("#picker-list [role=option]").first).to_contain_text("Termin mit Tag")
        assert await screen.axe() == []
        await page.keyboard.press("Enter")
        await expect(page.locator("#picker")).to_be_hidden()
        await expect(page.locator("#reply-text")).to_be_focused()
        text = await page.input_value("#reply-text")
        assert text.startswith("Bună!\nProgramarea dumneavoastră la noi:\nZiua: {date}")
        assert await page.evaluate("getSelection().toString()") == "{date}"
        await expect(page.locator("#sending")).to_contain_text("Still empty: {date} {time} {address}")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#composer-problem")).to_contain_text("press Send again")
        await page.click(".send")
        await expect(page.locator("#thread")).to_contain_text("Ziua: {date}")
        await page.focus("#reply-text")
        await page.keyboard.type("//")
        await expect(page.locator("#reply-text")).to_have_value("/")


async def test_on_a_phone_by_thumb(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.click("#picker-open")
        await page.select_option("#picker-language", "uk")
        await page.fill("#picker-search", "foto")
        option = page.locator("#picker-list [role=option]", has_text="Foto vom Brief")
        await expect(option).to_contain_text("надішліть мені фото листа")
        assert await page.evaluate(INSIDE)
        await option.click()
        await expect(page.locator("#reply-text")).to_have_value(
            "Будь ласка, надішліть мені фото листа. Усі сторінки, також зворотні."
        )
        await expect(page.locator("#sending")).to_contain_text("of 4096 characters")
        await page.locator(".message.in .message-menu summary").first.click()
        await page.locator(".message.in [data-quote]").first.click()
        await expect(page.locator("#quoting")).to_contain_text("Va rog ajutor")
        await page.click(".send")
        await expect(page.locator(".message.by-staff .quoted")).to_contain_text("Va rog ajutor")
        await expect(page.locator("#quoting")).to_be_hidden()


async def test_a_colleague_is_named_in_a_note(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen, windows.open("boris@example.org") as other:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.click("#note-form summary")
        await page.focus("#note-text")
        await page.keyboard.type("Please look @lan")
        await expect(page.locator("#mention-list")).to_be_visible()
        assert await screen.axe() == []
        await page.keyboard.press("Enter")
        await expect(page.locator("#note-text")).to_have_value("Please look @Boris Lange ")
        await page.click("text=Save note")
        await expect(page.locator("mark.mention")).to_have_text("@Boris Lange")
        await expect(other.page.locator(".tab", has_text="Mentioned")).to_be_visible()


async def test_the_way_to_send_stays_on_screen_over_the_keyboard(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", KEYBOARD) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.fill("#reply-text", LETTER)
        await expect(page.locator("#sending")).to_contain_text("characters")
        for opened in ("#later", "#note-form"):
            await expect(page.locator(".send")).to_be_in_viewport(ratio=1)
            await page.click(f"{opened} > summary")
            await expect(page.locator(f"{opened} [type=submit]")).to_be_in_viewport()
            await page.locator(f"{opened} [type=submit]").click(trial=True)  # nothing lies over it
            await page.click(f"{opened} > summary")


async def test_the_tools_of_the_answer_stand_in_one_line(windows: Windows, street: Street) -> None:
    tools = ".picker-open:visible, #later > summary, #note-form > summary"
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            await screen.goto(f"/inbox/{street.wages.id}")
            for words in ("", "Ja"):
                await screen.page.fill("#reply-text", words)
                await expect(screen.page.locator("#sending")).to_contain_text("characters" if words else "")
                boxes = [await each.bounding_box() for each in await screen.page.locator(tools).all()]
                middles = [box["y"] + box["height"] / 2 for box in boxes if box]
                assert len(middles) == 3
                assert max(middles) - min(middles) < 3, (size, words, middles)
