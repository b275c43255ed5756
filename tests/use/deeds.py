"""What colleagues do all day: each deed is one thing, done as people do it, and written down in the day's book.

A deed returns False where a colleague was faster, or where there was nothing to do.
"""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, expect
from playwright.async_api import TimeoutError as NotThere

from tests.use.day import Rush
from tests.use.screens import PATIENCE, Desk

TAKE = ".case-actions form[action$='/take'] button"
WAIT = PATIENCE * 1000  # milliseconds
PRESSED = 5000  # milliseconds; a button that is there is pressed by then
Deed = Callable[[Desk], Awaitable[bool]]


async def reply(desk: Desk) -> bool:
    case_id = await desk.choose()
    return case_id is not None and await write_and_send(desk, case_id)


async def write_and_send(desk: Desk, case_id: int) -> bool:
    """What was begun here before must stand there still. While the reply is sent, people go on writing."""
    field = desk.page.locator("#reply-text")
    if not await field.count():
        return False
    await expect(field).to_have_value(desk.day.drafts.get((desk.name, case_id), ""), timeout=WAIT)
    person = await desk.day.person_of(case_id)
    text = desk.day.marked(f"{desk.name} отговаря")
    await field.fill(text)
    desk.day.drafts[desk.name, case_id] = text
    for _ in range(12):
        despite = desk.page.locator("button[name=despite]")
        button = despite if await despite.count() else desk.page.locator(".send")
        async with desk.page.expect_response(lambda response: response.url.endswith("/reply")) as waiting:
            await button.click()
        if (await waiting.value).ok:
            await expect(field).to_have_value("", timeout=WAIT)
            del desk.day.drafts[desk.name, case_id]
            person.got[text] += 1
            return True
        await expect(desk.page.locator("#composer")).to_contain_text(
            text, timeout=WAIT
        )  # whatever happened: no word is lost
        if await desk.page.locator(".composer-off").count():
            desk.day.deeds["reply to a case closed meanwhile"] += 1
            return False
    raise AssertionError("never sent")


async def draft(desk: Desk) -> bool:
    """Begin, and leave in the middle of it: every second time before the page had time to keep it."""
    case_id = await desk.choose()
    if case_id is None or not await desk.page.locator("#reply-text").count():
        return False
    text = desk.day.marked(f"{desk.name} започва")
    if desk.chance.random() < 0.5:
        async with desk.page.expect_response("**/draft"):
            await desk.page.fill("#reply-text", text)
    else:
        await desk.page.fill("#reply-text", text)
    desk.day.drafts[desk.name, case_id] = text
    await desk.to_list()
    return True


async def note(desk: Desk) -> bool:
    if await desk.choose() is None:
        return False
    text = desk.day.marked("Note")
    await desk.page.click("#note-form summary")
    await desk.page.fill("#note-text", text)
    async with desk.page.expect_response(lambda response: response.url.endswith("/note")) as waiting:
        await desk.page.click("#note-form button[type=submit]")
    assert (await waiting.value).ok
    desk.day.notes[text] += 1
    return True


async def take(desk: Desk) -> bool:
    return await desk.choose("unassigned") is not None and await press_take(desk)


async def press_take(desk: Desk) -> bool:
    button = desk.page.locator(TAKE)
    if not await button.count():
        return False
    try:
        async with desk.page.expect_response(lambda response: response.url.endswith("/take")) as waiting:
            await button.click(timeout=PRESSED)
    except NotThere:
        if await button.count():
            raise
        return False  # a colleague was faster, and the page took the button away
    return (await waiting.value).ok


async def rush(desk: Desk) -> bool:
    """Two take the same case at the same moment: one of them gets it."""
    case_id = await desk.choose("unassigned")
    if case_id is None or desk.day.rush is not None:
        return False
    desk.day.rush = Rush(case_id)
    return await take_at_once(desk, desk.day.rush)


async def take_at_once(desk: Desk, rush: Rush) -> bool:
    """Both stand before the button until both do, but not for ever."""
    if desk.case_id != rush.case_id:
        desk.case_id = 0
        await desk.screen.goto(f"/inbox/{rush.case_id}")
        desk.case_id = rush.case_id
    try:
        async with asyncio.timeout(20):
            await rush.ready.wait()
    except (TimeoutError, asyncio.BrokenBarrierError):
        return False
    finally:
        if desk.day.rush is rush:
            desk.day.rush = None
    won = await press_take(desk)
    rush.winners += won
    if rush.winners > 1:
        desk.day.findings.append(f"case {rush.case_id} was taken twice at the same moment")
    return won


async def release(desk: Desk) -> bool:
    if await desk.choose() is None:
        return False
    button = desk.page.locator("form[action$='/release'] button")
    return bool(await button.count()) and await in_sheet(desk, button, "/release")


async def hand_over(desk: Desk) -> bool:
    if await desk.choose() is None or not (menu := await opened(desk, "assign")):
        return False
    colleagues = await menu.locator("option[value]:not([value=''])").all_text_contents()
    text = desk.day.marked("Please go on")
    await menu.locator("[name=colleague]").select_option(label=desk.chance.choice(colleagues))
    await menu.locator("[name=note]").fill(text)
    done = await submitted(desk, menu, "/assign")
    desk.day.notes[text] += done
    return done


async def snooze(desk: Desk) -> bool:
    if await desk.choose() is None or not (menu := await opened(desk, "snooze")):
        return False
    return await submitted(desk, menu, "/snooze")


async def close(desk: Desk) -> bool:
    if await desk.choose() is None or not (menu := await opened(desk, "close")):
        return False
    await menu.locator("[name=outcome]").first.check()
    done = await submitted(desk, menu, "/close")
    if done:  # the person may write at once, and then it is open again
        await expect(desk.page.locator("#thread .event-closed").last).to_be_visible(timeout=WAIT)
    return done


async def palette(desk: Desk) -> bool:
    """To a person by name, wherever one is, and answer them."""
    person = desk.chance.choice(desk.day.people)
    case = await desk.day.case_of(person)
    if case is None:
        return False
    if desk.thumb:
        await desk.to_list()  # a case has the whole screen there
    await desk.page.click("[data-opens=palette]")
    await desk.page.fill("#palette-input", person.name)
    found = desk.page.locator("#palette-found [role=option]")
    await expect(found.first).to_be_visible(timeout=WAIT)
    desk.case_id = 0
    await found.first.click()
    await desk.page.wait_for_url(f"**/inbox/{case.id}")
    desk.case_id = case.id
    return await write_and_send(desk, case.id)


async def many(desk: Desk) -> bool:
    """Three cases at once, by their boxes; the list must hold still while they are chosen."""
    await desk.to_list()
    boxes = desk.page.locator("#cards .pick input")
    if await boxes.count() < 3:
        return False
    if desk.thumb:
        await desk.page.click(".selecting")
    for number in range(3):
        if not desk.thumb:
            await desk.page.locator("#cards .card").nth(number).hover()
        await boxes.nth(number).check()
    await expect(desk.page.locator("#chosen-count")).to_have_text("3 chosen", timeout=WAIT)
    await asyncio.sleep(1)
    await expect(desk.page.locator("#chosen-count")).to_have_text("3 chosen", timeout=WAIT)
    await desk.page.click("#bulk summary:has-text('Snooze')")
    async with desk.page.expect_response(lambda response: "/inbox/bulk" in response.url) as waiting:
        await desk.page.click("#bulk button[value=snooze]")
    assert (await waiting.value).ok
    await expect(desk.page.locator("#toast .toast-card")).to_be_visible(timeout=WAIT)
    return True


async def opened(desk: Desk, menu: str) -> Locator | None:
    """A menu of the case, from its sheet on a phone; None where the case has no such menu now."""
    place = desk.page.locator(f"#menu-{menu}")
    if not await place.count():
        return None
    if desk.thumb:
        await desk.page.click(".case-more-open")
    await place.locator("summary").click()
    await expect(place.locator(".menu-panel")).to_be_visible(timeout=WAIT)
    return place


async def submitted(desk: Desk, menu: Locator, address: str) -> bool:
    """Its form is sent, however much came in while it stood open."""
    await asyncio.sleep(desk.chance.uniform(0, 1.5))
    async with desk.page.expect_response(lambda response: response.url.endswith(address)) as waiting:
        await menu.locator("button[type=submit]").click(timeout=WAIT)
    return (await waiting.value).ok


async def in_sheet(desk: Desk, button: Locator, address: str) -> bool:
    if desk.thumb:
        await desk.page.click(".case-more-open")
    async with desk.page.expect_response(lambda response: response.url.endswith(address)) as waiting:
        await button.click(timeout=WAIT)
    return (await waiting.value).ok


DEEDS: dict[str, tuple[Deed, int]] = {
    "reply": (reply, 10),
    "draft": (draft, 3),
    "note": (note, 3),
    "take": (take, 4),
    "take, two at once": (rush, 2),
    "release": (release, 2),
    "hand over": (hand_over, 3),
    "snooze": (snooze, 3),
    "close": (close, 2),
    "palette": (palette, 3),
    "many at once": (many, 1),
}
"""With how often each is done."""
