"""Admin and public pages, health and metrics."""

import pytest

from app.cases import STAFF_CHAT
from app.hub import Hub
from app.models import Setting
from flows.model import ANSWER_LANGUAGES
from tests.web.conftest import NewBrowser
from tests.web.street import Street

CHRIS = "chris@example.org"


async def test_sets_and_clears_the_chat_for_alerts(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(CHRIS)
    chat = {"channel": "weissenfels-bot", "chat_id": "-1001234"}
    for wrong in (chat | {"chat_id": "me"}, chat | {"channel": "web"}, chat | {"channel": ""}):
        assert (await browser.post("/admin/staff-chat", wrong)).status_code == 422
    assert (await browser.post("/admin/staff-chat", chat)).status_code == 303
    async with hub.db.transaction() as session:
        setting = await session.get_one(Setting, STAFF_CHAT)
        assert (setting.value, setting.updated_by) == (chat, street.admin.id)
    assert "-1001234" in (await browser.get("/admin/settings")).text
    await browser.post("/admin/staff-chat", {"channel": "", "chat_id": ""})
    async with hub.db.transaction() as session:
        assert await session.get(Setting, STAFF_CHAT) is None


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
@pytest.mark.parametrize("page", ["privacy", "imprint"])
async def test_public_pages_exist_in_every_language(browse: NewBrowser, page: str, language: str) -> None:
    answer = await (await browse()).get(f"/{page}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert 'class="missing"' in answer.text  # nobody has said yet who runs this hub


async def test_public_pages_follow_the_browser_and_name_the_operator(browse: NewBrowser, street: Street) -> None:
    admin = await browse(CHRIS)
    operator = {"name": "Stadt Weißenfels", "address": "Markt 1, 06667 Weißenfels", "email": "hallo@example.org"}
    assert (await admin.post("/admin/operator", operator)).status_code == 303
    page = await (await browse()).get("/imprint", **{"accept-language": "ro-RO,ro"})
    assert '<html lang="ro">' in page.text
    assert "Stadt Weißenfels" in page.text
    assert 'class="missing"' not in page.text


async def test_ready_tells_about_database_and_worker(browse: NewBrowser) -> None:
    browser = await browse()
    assert (await browser.get("/healthz")).json() == {"status": "ok"}
    ready = await browser.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ok",
        "database": "ok",
        "migrations": "current",
        "worker": "none",
        "live_events": "away",
    }


async def test_metrics_are_for_this_machine_and_trusted_networks_only(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    hub.settings.trusted_proxies = "10.0.0.0/8"
    near, trusted, far = await browse(), await browse(address="10.1.2.3"), await browse(address="192.0.2.1")
    text = (await near.get("/metrics")).text
    assert 'streetwork_open_cases{urgency="urgent"} 1.0' in text
    assert (await trusted.get("/metrics")).status_code == 200
    assert (await far.get("/metrics")).status_code == 403
    assert (await near.get("/metrics", **{"x-forwarded-for": "192.0.2.1"})).status_code == 403


async def test_without_scripts_a_refusal_leads_back_to_the_form(browse: NewBrowser, street: Street) -> None:
    chris = await browse("chris@example.org")
    await chris.get("/admin/teams")
    own = str(chris.http.base_url)
    refused = await chris.post("/admin/teams", {"name": ""}, headers={"referer": f"{own}/admin/teams"})
    assert refused.status_code == 422
    assert 'href="/admin/teams">Back</a>' in refused.text
    elsewhere = await chris.post("/admin/teams", {"name": ""}, headers={"referer": "https://example.com/trap"})
    assert ">Back</a>" not in elsewhere.text
