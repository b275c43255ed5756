"""The ABC in a browser without scripts: on a phone and on a desk, light, dark and on paper."""

import pytest

from tests.browser.conftest import DESK, PHONE, Screen, Windows

TOUCH = 44  # pixels; WCAG's target size for comfort
PATHS = (
    "/abc/bg",
    "/abc/uk/areas",
    "/abc/ro/services?place=wuppertal",
    "/abc/de/services?place=weissenfels&area=work",
    "/abc/en/emergency",
    "/abc/bg/work.wage_unpaid?place=weissenfels",
    "/abc/ro/health.get_insured",
    "/abc/uk/safety.violence?place=wuppertal",
    "/abc/en/no.such",
)
TARGETS = (
    ".tabs a, .languages a, .chips a, .tiles a, .letter a, .questions a, .service li a, .chat, .foot a, button, summary"
)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_pages(windows: Windows, size: tuple[int, int], colours: str) -> None:
    async with windows.open(size=size, color_scheme=colours, expected=("404",)) as screen:
        for path in PATHS:
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path


async def test_everything_is_large_enough_for_a_thumb(windows: Windows) -> None:
    async with windows.open(size=PHONE) as screen:
        for path in PATHS[:-1]:
            await screen.goto(path)
            for element in await screen.page.query_selector_all(TARGETS):
                box = await element.bounding_box()
                if box is not None:
                    assert box["height"] >= TOUCH, (path, await element.inner_text())


async def read(screen: Screen) -> str:
    return await screen.page.inner_text("main")


async def test_a_question_leads_to_its_answer_without_scripts(windows: Windows) -> None:
    async with windows.open(size=PHONE, java_script_enabled=False) as screen:
        await screen.goto("/abc/bg")
        await screen.page.fill("#q", "не ми плащат заплатата")
        await screen.page.press("#q", "Enter")
        await screen.page.click(".questions a >> nth=0")
        assert screen.page.url.endswith("/abc/bg/work.wage_unpaid")
        assert "Ausgleichsquittung" in await read(screen)
        await screen.page.click(".places a >> nth=1")
        assert "Вайсенфелс" in await read(screen)
        await screen.page.click(".languages a[lang=uk]")
        assert screen.page.url.endswith("/abc/uk/work.wage_unpaid?place=weissenfels")


async def test_letters_lead_to_words_by_keyboard(windows: Windows) -> None:
    async with windows.open(size=PHONE) as screen:
        await screen.goto("/abc/uk")
        await screen.page.keyboard.press("Tab")
        assert await screen.page.evaluate("document.activeElement.className") == "skip-link"
        await screen.page.focus(".letters a >> nth=3")
        await screen.page.keyboard.press("Enter")
        assert "#l4" in screen.page.url


async def test_nothing_is_kept_on_the_device(windows: Windows) -> None:
    async with windows.open(size=PHONE) as screen:
        for path in PATHS[:-1]:
            await screen.goto(path)
        assert await screen.page.context.cookies() == []


async def test_on_paper(windows: Windows) -> None:
    """The answer, its helpers, its codes and its sources; none of the ways around."""
    async with windows.open(size=DESK, color_scheme="dark") as screen:
        await screen.goto("/abc/ro/work.wage_unpaid?place=wuppertal")
        await screen.page.emulate_media(media="print")
        for shown in ("h1", ".answer", ".service", ".share img", ".paper", ".ground li", ".foot p"):
            assert await screen.page.is_visible(f"{shown} >> nth=0"), shown
        for hidden in (".head", ".places", ".next", ".picture"):
            assert not await screen.page.is_visible(f"{hidden} >> nth=0"), hidden
        colours = await screen.page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        paper = await screen.page.pdf(format="A4")
        assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") <= 3
