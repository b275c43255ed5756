"""The admins' first page and the settings: what needs somebody, and what is set where."""

import sqlalchemy as sa

from app.hub import Hub
from app.models import Case
from tests.web.conftest import NewBrowser
from tests.web.street import Street

CHRIS = "chris@example.org"


def flat(text: str) -> str:
    return " ".join(text.split())


async def test_urgent_cases_come_first(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(CHRIS)
    page = flat((await browser.get("/admin")).text)
    assert "<strong>Weißenfels:</strong> 1 urgent case waits, 1 with nobody." in page
    assert "texts that nobody of the town has approved." in page
    async with hub.db.transaction() as session:
        await session.execute(sa.update(Case).where(Case.urgency == "urgent").values(assignee_id=street.ana.id))
    assert "1 urgent case waits, all in somebody" in flat((await browser.get("/admin")).text)
    async with hub.db.transaction() as session:
        await session.execute(sa.update(Case).values(waiting_since=None))
    page = flat((await browser.get("/admin")).text)
    assert "urgent case" not in page
    assert "nobody is on duty." not in page


async def test_settings_name_their_value_and_where_it_comes_from(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(CHRIS)
    page = flat((await browser.get("/admin/settings")).text)
    assert '30 minutes <span class="source">as delivered' in page
    assert "used by 0 of 3 colleagues" in page
    assert "STREETWORK_SECRET_KEY" in page
    assert hub.settings.secret_key not in page
    rules = {"returns": "45", "alarms": ["6", "20", "40"]}
    assert (await browser.post("/admin/roster/rules", rules)).status_code == 303
    page = flat((await browser.get("/admin/settings")).text)
    assert '45 minutes <span class="source">set here' in page
    assert "6, 20, 40 minutes" in page


async def test_secrets_of_the_environment_are_never_shown(hub: Hub, browse: NewBrowser, street: Street) -> None:
    settings = hub.settings.model_copy(
        update={"smtp_url": "smtp://me:hush@mail.example", "alert_email": "a@example.org"}
    )
    hub.settings.__dict__.update(settings.__dict__)
    hub.settings.model_fields_set.update({"smtp_url", "alert_email"})
    page = (await (await browse(CHRIS)).get("/admin/settings")).text
    assert "hush" not in page
    assert "mail.example" not in page
    assert "<code>a@example.org</code>" in page
