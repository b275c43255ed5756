"""A flow that a colleague starts from the composer, through the pages: chosen, looked at, started, stopped."""

import html

import sqlalchemy as sa

from app.channels_admin import add_channel
from app.hub import Hub
from app.models import Case, Conversation, Message
from tests.web.cast import meet, open_case
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_composing import ACCOUNT

ANA, BORIS = "ana@example.org", "boris@example.org"


async def talk_of(hub: Hub, case: Case) -> Conversation:
    async with hub.db.transaction() as session:
        return await session.get_one(Conversation, case.conversation_id)


async def form_for(hub: Hub, case: Case, flow: str = "wage") -> dict[str, str]:
    talk = await talk_of(hub, case)
    return {"flow": flow, "to": f"{talk.id}:{talk.last_seq}"}


async def post(browser: Browser, case: Case, what: str, form: dict[str, str]) -> tuple[int, str]:
    answer = await browser.post(f"/inbox/{case.id}/flow/{what}", form, headers=HTMX)
    return answer.status_code, html.unescape(answer.text)


async def test_the_picker_offers_flows_for_the_needs_first_and_finds_them(browse: NewBrowser, street: Street) -> None:
    browser = await browse(ANA)
    path = f"/inbox/{street.wages.id}/insert"
    page = (await browser.post(path, {"q": ""}, headers=HTMX)).text
    assert page.index('data-flow="wage"') < page.index('data-flow="debts"')
    assert 'data-flow="menu"' not in page
    found = (await browser.post(path, {"q": "gekündigt"}, headers=HTMX)).text
    assert 'data-flow="dismissal"' in found
    assert 'data-flow="wage"' not in found


async def test_it_is_looked_at_started_shown_and_stopped(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(ANA)
    form = await form_for(hub, street.wages)
    status, page = await post(browser, street.wages, "look", form)
    assert status == 200
    assert "in Bulgarian" in page
    assert "Start with the person" in page
    assert (await talk_of(hub, street.wages)).last_seq == int(form["to"].split(":")[1])
    status, page = await post(browser, street.wages, "start", form)
    assert (status, page) == (200, "")
    page = (await browser.get(f"/inbox/{street.wages.id}")).text
    assert "The bot is leading the person" in page
    assert "Flow with the bot started" in page
    talk = await talk_of(hub, street.wages)
    assert talk.state["flow"]["by"] == street.ana.id
    status, page = await post(browser, street.wages, "stop", {"conversation": str(talk.id)})
    assert "The bot is leading the person" not in page
    assert "Flow ended, the team writes" in page


async def test_the_guard_shows_what_is_new_and_the_next_press_knows_it(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse(ANA)
    form = await form_for(hub, street.wages)
    talk, seen = form["to"].split(":")
    status, page = await post(browser, street.wages, "start", form | {"to": f"{talk}:{int(seen) - 1}"})
    assert status == 409
    assert "Да взема ли и паспорта?" in page
    assert f'name="to" value="{form["to"]}"' in page
    assert (await post(browser, street.wages, "start", form))[0] == 200
    again = await form_for(hub, street.wages, "debts")
    status, page = await post(browser, street.wages, "start", again)
    assert status == 409
    assert "Another flow is running here. It would end." in page
    assert 'name="instead" value="1"' in page
    assert (await post(browser, street.wages, "start", again | {"instead": "1"}))[0] == 200
    assert (await talk_of(hub, street.wages)).state["flow"]["flow"] == "debts"


async def test_a_claim_stands_in_the_way_until_it_is_decided(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    await ana.post(f"/inbox/{street.urgent.id}/here", {"writes": "true"})
    form = await form_for(hub, street.urgent, "violence")
    status, page = await post(boris, street.urgent, "start", form)
    assert status == 409
    assert "Ana Petrova has begun to answer this case." in page
    assert 'name="despite" value="1"' in page
    assert (await post(boris, street.urgent, "start", form | {"despite": "1"}))[0] == 200


async def test_by_sms_the_price_is_told_before(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        options = {"from": "+4915100000000", "cents_per_segment": "7.5"}
        sms = await add_channel(session, hub.vault, "sms", "sms", secret_values=ACCOUNT, options=options)
        talk = await meet(hub, session, sms, "Rote Ente 1", "+4915111111111", at=hub.now(), language="bg")
        await talk.says("Здравейте")
        case = await open_case(talk, "asked")
    await hub.registry.load()
    browser = await browse(ANA)
    form = await form_for(hub, case)
    _, page = await post(browser, case, "look", form)
    assert " SMS · €" in page
    assert (await post(browser, case, "start", form))[0] == 200
    async with hub.db.transaction() as session:
        sent = await session.scalars(sa.select(Message).where(Message.channel_id == sms.id, Message.direction == "out"))
        paid = sum(each.payload["sms"]["cents"] for each in sent)
    assert f"€{paid / 100:.2f}" in page


async def test_without_scripts_a_start_comes_back_to_the_case(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(ANA)
    answer = await browser.post(f"/inbox/{street.wages.id}/flow/start", await form_for(hub, street.wages))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/inbox/{street.wages.id}")
