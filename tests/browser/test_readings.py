"""German beside what people write: side by side on a desk, stacked on a phone, and it arrives without moving the page."""

import sqlalchemy as sa
from playwright.async_api import Page, expect

from app.feed import publish
from app.hub import Hub
from app.models import Message
from app.readings import Words, put
from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street

LETTER, COMING = "Това ми дадоха, нищо не разбирам.", "Да, ще дойда. Да взема ли и паспорта?"
GERMAN = {
    LETTER: "Das haben sie mir gegeben, ich verstehe nichts davon.",
    COMING: "Ja, ich komme. Soll ich auch den Pass mitbringen?",
    "dobar den, shefat ne mi plati zaplatata veche 2 meseca": "Guten Tag, der Chef zahlt mir seit 2 Monaten keinen Lohn.",
}


FIRST_LINE = """() => {
    const edge = document.getElementById("scroller").getBoundingClientRect().top;
    const line = [...document.querySelectorAll("#thread > li[id]")].find((each) => each.getBoundingClientRect().bottom > edge);
    return [line.id, line.getBoundingClientRect().top];
}"""


async def arrive(hub: Hub) -> None:
    """As the job stores them."""
    async with hub.db.transaction() as session:
        for message in await session.scalars(sa.select(Message).where(Message.text.in_(GERMAN))):
            await put(session, message, Words("machine", GERMAN[message.text or ""], ("bg", "en", "de")))
            conversation_id = message.conversation_id
        await publish(session, "conversation", conversation_id)


async def top_of(page: Page, text: str) -> float:
    box = await page.locator(f"#thread p:text-is('{text}')").first.bounding_box()
    assert box is not None
    return float(box["y"])


async def test_readings_arrive_where_the_reader_is_and_can_be_put_away(
    hub: Hub, windows: Windows, street: Street
) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.locator(f"#thread p:text-is('{LETTER}')").first.scroll_into_view_if_needed()
        await page.evaluate("document.getElementById('scroller').scrollTop -= 200")
        line, top = await page.evaluate(FIRST_LINE)
        await arrive(hub)
        await expect(page.locator("#thread")).to_contain_text(GERMAN[COMING])
        await expect(page.locator(f"#card-{street.wages.id}")).to_contain_text(GERMAN[COMING])
        now = await page.locator(f"#{line}").bounding_box()
        assert now is not None
        assert abs(now["y"] - top) < 3, "the first message on screen stays where it was"
        assert abs(await top_of(page, LETTER) - await top_of(page, GERMAN[LETTER])) < 3, "side by side"
        assert await screen.axe() == []
        await page.click(".originals button")
        await expect(page.locator("#thread")).not_to_contain_text(GERMAN[COMING])
        await expect(page.locator("#thread")).to_contain_text(COMING)


async def test_a_phone_stacks_them(hub: Hub, windows: Windows, street: Street) -> None:
    await arrive(hub)
    async with windows.open("ana@example.org", PHONE) as screen:
        await screen.goto(f"/inbox/{street.wages.id}")
        assert await top_of(screen.page, GERMAN[COMING]) < await top_of(screen.page, COMING)
        assert await screen.overflow() <= 0
