"""Coordinators keep the example messages and deal with unanswered questions."""

import html

import pytest
import sqlalchemy as sa

from app import gaps
from app.editor.drafts import open_piece
from app.editor.examples import texts_of
from app.editor.personal import signs
from app.editor.releasing import publish
from app.hub import Hub
from app.models import Conversation, Gap, Message, Reading, User
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.street import Street

BORIS, ADMIN = "boris@example.org", "chris@example.org"
TOPIC, OTHER = "everyday.driving_car", "work.wage_unpaid"
PAGE = f"/editor/examples/{TOPIC}"
NEW = "кой мие кучета в събота"


async def told(hub: Hub, topic: str = TOPIC, language: str = "bg") -> list[str]:
    async with hub.db.transaction() as session:
        return texts_of((await open_piece(session, "examples", topic)).data)[language]


async def save(browser: Browser, seen: int, **form: object) -> tuple[int, str]:
    answer = await browser.post(PAGE, {"seen": str(seen), **form})
    return answer.status_code, html.unescape(answer.text)


async def asked(hub: Hub, street: Street, *texts: str, guess: str | None = None) -> None:
    """Questions that stayed unanswered."""
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.closed.conversation_id)
        for number, text in enumerate(texts):
            message = Message(
                conversation_id=talk.id,
                channel_id=talk.channel_id,
                seq=900 + number,
                direction="in",
                author="contact",
                kind="text",
                status="received",
                text=text,
            )  # fmt: skip
            session.add(message)
            await session.flush()
            session.add(Gap(message_id=message.id, language="bg", guess=guess))


async def open_gaps(hub: Hub) -> int:
    async with hub.db.transaction() as session:
        return await session.scalar(sa.select(sa.func.count()).where(Gap.closed_at.is_(None))) or 0


async def test_topics_are_listed_with_what_is_weak(hub: Hub, street: Street, browse: NewBrowser) -> None:
    page = (await (await browse(BORIS)).get("/editor/examples")).text
    assert TOPIC in page
    assert "Not for us" in page
    assert "few in" not in page  # the starter content has enough


async def test_messages_are_added_moved_and_published(hub: Hub, street: Street, browse: NewBrowser) -> None:
    boris = await browse(BORIS)
    gone = (await told(hub))[0]
    before = len(await told(hub, OTHER))
    await boris.get(PAGE)
    assert (await save(boris, 0, add_bg=f"{NEW}\n\n {NEW} ", out_bg=gone, to=OTHER))[0] == 303
    assert NEW in await told(hub)
    assert (await told(hub)).count(NEW) == 1
    assert gone not in await told(hub)
    assert (await told(hub, OTHER))[before:] == [gone]
    page = (await boris.get(PAGE)).text
    assert "/editor/pieces/examples/everyday.driving_car" in page
    state = (await boris.get(f"/editor/pieces/examples/{TOPIC}")).text
    assert state.lower().count("message in bulgarian") == 2  # one that came, one that went
    async with hub.db.transaction() as session:
        user = (await session.scalars(sa.select(User).where(User.email == BORIS))).one()
        for topic in (OTHER, TOPIC):
            piece = await open_piece(session, "examples", topic)
            await publish(hub, session, user, "examples", topic, seen=piece.revision)
    await hub.shelf.load()
    read = hub.shelf.understander.understand(NEW)
    assert (read.decision, read.topic) == ("answer", TOPIC)
    assert hub.shelf.understander.understand(gone).topic == OTHER


async def test_what_another_topic_has_is_pointed_out_before_saving(
    hub: Hub, street: Street, browse: NewBrowser
) -> None:
    boris = await browse(BORIS)
    theirs = (await told(hub, OTHER))[3]
    await boris.get(PAGE)
    status, page = await save(boris, 0, add_bg=f"{theirs.upper()}!\nаз съм Иван Петров, тел 0176 1234567")
    assert status == 200
    assert "is already an example of:" in page
    assert "a long number, perhaps a name" in page
    assert theirs.upper() in page  # what was written is kept
    assert theirs.upper() not in await told(hub)
    assert (await save(boris, 0, add_bg="кой мие кучета", sure="1"))[0] == 303


async def test_two_at_once_lose_nothing(hub: Hub, street: Street, browse: NewBrowser) -> None:
    boris, admin = await browse(BORIS), await browse(ADMIN)
    await boris.get(PAGE)
    await admin.get(PAGE)
    assert (await save(boris, 0, add_bg=NEW))[0] == 303
    status, page = await save(admin, 0, add_bg="друго куче в неделя")
    assert status == 409
    assert "Boris" in page
    assert "друго куче в неделя" in page
    assert "друго куче в неделя" not in await told(hub)


async def test_what_the_hub_would_understand(hub: Hub, street: Street, browse: NewBrowser) -> None:
    boris = await browse(BORIS)
    await boris.get(PAGE)
    await save(boris, 0, add_bg=NEW)
    await boris.get(PAGE)
    page = html.unescape((await boris.post(f"{PAGE}/ask", {"text": NEW})).text)
    assert "Once all drafts of examples are published" in page
    assert "A person reads it." in page
    assert "The hub answers:" in page
    part = await boris.post(f"{PAGE}/ask", {"text": "шефът не ми плаща"}, headers={"hx-request": "true"})
    assert "<html" not in part.text
    assert "for it speak:" in part.text


async def test_a_question_stands_beside_its_german_reading(hub: Hub, street: Street, browse: NewBrowser) -> None:
    await asked(hub, street, NEW)
    async with hub.db.transaction() as session:
        message_id = await session.scalar(sa.select(Message.id).where(Message.text == NEW))
        session.add(Reading(message_id=message_id, language="de", text="Wer badet Hunde?", origin="machine"))
    boris = await browse(BORIS)
    assert "Wer badet Hunde?" in (await boris.get("/editor/gaps")).text
    assert "Wer badet Hunde?" in (await boris.get("/editor/longer", **HTMX)).text


async def test_a_question_becomes_an_example(hub: Hub, street: Street, browse: NewBrowser) -> None:
    await asked(hub, street, NEW, f"{NEW} утре", guess=TOPIC)
    boris = await browse(BORIS)
    page = (await boris.get("/editor/gaps")).text
    assert "2 questions" in page
    async with hub.db.transaction() as session:
        ids = (await gaps.open_groups(session, hub.shelf.understander))[0].ids
    form = {"ids": " ".join(map(str, ids)), "topic": TOPIC, "do": "add", "language": ["bg", "bg"], "chosen": "1"}
    answer = await boris.post("/editor/gaps/add", form | {"text": ["остава", "кой къпе куче"]})
    assert answer.status_code == 303
    assert (await told(hub))[-1] == "кой къпе куче"
    assert "остава" not in await told(hub)
    assert await open_gaps(hub) == 0


async def test_what_may_tell_who_wrote_it_is_looked_at(hub: Hub, street: Street, browse: NewBrowser) -> None:
    await asked(hub, street, "пишете ми на 0176 5554443")
    boris = await browse(BORIS)
    await boris.get("/editor/gaps")
    async with hub.db.transaction() as session:
        ids = (await gaps.open_groups(session, hub.shelf.understander))[0].ids
    form = {
        "ids": str(ids[0]),
        "do": "not_for_us",
        "language": "bg",
        "text": "пишете ми на 0176 5554443",
        "chosen": "0",
    }
    answer = await boris.post("/editor/gaps/add", form)
    assert answer.status_code == 200
    assert "Look at the marked messages" in answer.text
    assert await open_gaps(hub) == 1
    assert (await boris.post("/editor/gaps/add", form | {"text": "пишете ми"})).status_code == 303
    assert (await told(hub, "none"))[-1] == "пишете ми"
    assert await open_gaps(hub) == 0


async def test_questions_are_dealt_with(hub: Hub, street: Street, browse: NewBrowser) -> None:
    await asked(hub, street, "?!")
    boris = await browse(BORIS)
    await boris.get("/editor/gaps")
    async with hub.db.transaction() as session:
        ids = (await gaps.open_groups(session, hub.shelf.understander))[0].ids
    assert (await boris.post("/editor/gaps/close", {"ids": str(ids[0])})).status_code == 303
    assert await open_gaps(hub) == 0
    assert "No open questions." in (await boris.get("/editor/gaps")).text


async def test_thumbs_count_by_topic_and_the_last_one_holds(hub: Hub, street: Street, browse: NewBrowser) -> None:
    async with hub.db.transaction() as session:
        answer = (
            await session.scalars(sa.select(Message).where(Message.payload.has_key("answers"), Message.author == "bot"))
        ).first()
        assert answer is not None
        answer.external_id = "tg:answer"
        for number, emoji in enumerate(("👍", "👎")):
            session.add(Message(
                conversation_id=answer.conversation_id, channel_id=answer.channel_id, seq=950 + number,
                direction="in", author="contact", kind="reaction", status="received", text=emoji, reply_to="tg:answer",
            ))  # fmt: skip
    page = (await (await browse(BORIS)).get("/editor/gaps")).text
    row = page.partition("Answers that did not help")[2].partition("<tbody>")[2]
    assert OTHER in row
    assert row.count('<td class="number">1</td>') == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("не ми плащат 400 евро", []),
        ("Здравейте, казвам се Иван", ["name"]),
        ("тел 0176/123 45 67", ["number"]),
        ("scrie-mi la ana@mail.ro", ["link"]),
        ("живея на ул. Роза 5", ["address"]),
    ],
)
def test_signs_of_a_person(text: str, found: list[str]) -> None:
    assert signs(text) == found
