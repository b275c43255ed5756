"""The editor's forms in a browser: what one writes is seen at once on the phone beside it, and is never lost."""

import pytest

from tests.browser.conftest import DESK, PHONE, Windows
from tests.sounds import tone

ENTRY = "/editor/entries/work.minimum_wage"
PAGES = ("/editor/entries", "/editor/entries/new", ENTRY, f"{ENTRY}?place=weissenfels", "/editor/figures",
         "/editor/figures/minimum_wage", "/editor/templates", "/editor/templates/open_window")  # fmt: skip


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_pages_of_the_editor(windows: Windows, size: tuple[int, int], colours: str) -> None:
    async with windows.open("boris@example.org", size, color_scheme=colours) as screen:
        for path in PAGES:
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path


async def test_a_figure_for_next_year_and_the_preview_on_that_day(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        await screen.goto("/editor/figures/child_benefit")
        new = screen.page.locator(".value-row").first
        await new.locator("[name=value]").fill("270")
        await new.locator("[name=since]").fill("2027-01-01")
        await screen.page.click("text=Save draft")
        await screen.page.wait_for_url("**?done=saved")
        await screen.page.wait_for_selector("#uses .sentence:has-text('270')")
        await screen.goto(ENTRY)
        await screen.page.fill("#message-bg-1", "Часът струва {minimum_wage}.")
        await screen.page.wait_for_selector("#mock .said:has-text('Часът струва 13,90')")
        await screen.page.fill("[name=p_on]", "2027-05-01")
        await screen.page.wait_for_selector("#mock .said:has-text('Часът струва 14,60')")
        await screen.page.click("label:has([value=sms])")
        await screen.page.wait_for_selector("#mock.look-sms .cost")
        await screen.page.fill("#message-bg-1", "Идете в Arbeitsgericht.")
        await screen.page.wait_for_selector("#hints-bg .term summary:has-text('Arbeitsgericht')")
        assert await screen.page.is_visible("#unsaved")
        assert await screen.page.input_value("#message-bg-1") == "Идете в Arbeitsgericht."
        await screen.page.click(".save-bar .primary")
        await screen.page.wait_for_url("**done=saved*")


async def test_a_new_answer_in_five_languages(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        await screen.goto("/editor/entries/new")
        await screen.page.select_option("[name=area]", "everyday")
        await screen.page.fill("[name=label]", "Fahrrad weg")
        await screen.page.fill("[name=question]", "Mein Fahrrad ist weg. Was tun?")
        await screen.page.click("form button[type=submit]:has-text('Begin')")
        await screen.page.wait_for_url("**/editor/entries/everyday.fahrrad_weg")
        for code in ("ro", "uk", "en"):
            await screen.page.check(f"#show-{code}")
        for code in ("de", "bg", "ro", "uk", "en"):
            await screen.page.fill(f"#label-{code}", f"Rad {code}")
            await screen.page.fill(f"#question-{code}", "?")
            await screen.page.fill(f"#message-{code}-1", f"Polizei {code}")
            await screen.page.fill(f"#sms-{code}", "Polizei")
        await screen.page.click(".save-bar .primary")
        await screen.page.wait_for_url("**done=saved*")
        for code in ("de", "bg", "ro", "uk", "en"):
            assert await screen.page.input_value(f"#message-{code}-1") == f"Polizei {code}"


async def test_who_saves_second_loses_nothing(windows: Windows) -> None:
    async with (
        windows.open("boris@example.org", expected=("409",)) as boris,
        windows.open("chris@example.org") as chris,
    ):
        await boris.goto(ENTRY)
        await chris.goto(ENTRY)
        await chris.page.fill("#question-de", "Wie hoch ist der Mindestlohn?")
        await chris.page.click(".save-bar .primary")
        await chris.page.wait_for_url("**done=saved*")
        await boris.page.fill("#message-de-1", "Meine Worte.")
        await boris.page.click(".save-bar .primary")
        await boris.page.wait_for_selector(".stale")
        assert await boris.page.input_value("#message-de-1") == "Meine Worte."
        await boris.page.click("text=Take mine over theirs")
        await boris.page.wait_for_url("**done=saved*")
        assert await boris.page.input_value("#message-de-1") == "Meine Worte."


async def test_a_recording_is_kept_and_the_text_is_saved_after_it(windows: Windows) -> None:
    async with windows.open("boris@example.org") as screen:
        await screen.goto(ENTRY)
        await screen.page.set_input_files(
            "[name=file]", {"name": "a.mp3", "mimeType": "audio/mpeg", "buffer": tone("mp3")}
        )
        await screen.page.click("text=Save this recording")
        await screen.page.wait_for_selector("#audio audio[src]")
        await screen.page.fill("#label-de", "Lohn je Stunde")
        await screen.page.click(".save-bar .primary")
        await screen.page.wait_for_url("**done=saved*")
