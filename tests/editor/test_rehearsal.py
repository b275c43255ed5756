"""Trying out: drafts played by the real router, step by step and back, and nothing of it stays."""

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from app.editor.rehearsal import Input, Outcome, Script, as_transcript, rehearse
from app.editor.trial import library_with
from app.hub import Hub
from app.models import Case, Channel, Contact, Message
from tests.editor.test_dialogues import NEW, OLD, opened, replaced

DISMISSED = Script("sms", "de", "wuppertal", date(2026, 11, 22), flow="dismissal")


def texts(outcome: Outcome) -> list[str]:
    return [message.text or "" for message in outcome.messages]


async def rows(hub: Hub) -> list[int | None]:
    jobs = sa.table("procrastinate_jobs")
    async with hub.db.transaction() as session:
        return [
            await session.scalar(sa.select(sa.func.count()).select_from(kept))
            for kept in (Channel, Contact, Message, Case, jobs)
        ]


async def test_a_flow_is_played_on_its_draft_with_its_case_and_nothing_stays(hub: Hub) -> None:
    piece = await opened(hub, "flow", "dismissal")
    library = library_with(hub.shelf.library, "flow", replaced(piece.data, OLD, NEW))
    before = await rows(hub)
    script = replace(DISMISSED, said=(Input("1"), Input("12.10.2026")))
    outcome = await rehearse(hub, library, script)
    assert texts(outcome)[0].startswith(NEW)
    assert outcome.messages[0].payload["sms"]["segments"] >= 1
    assert outcome.case is not None
    assert (outcome.case.reason, outcome.case.deadline) == ("court_deadline", date(2026, 11, 2))
    assert outcome.facts["dismissal_form"] == "paper"
    assert (outcome.rule, outcome.trouble) == ("follow", "")
    assert await rows(hub) == before


async def test_one_step_back_is_one_input_less(hub: Hub) -> None:
    library = hub.shelf.library
    one = await rehearse(hub, library, replace(DISMISSED, said=(Input("1"),)))
    two = await rehearse(hub, library, replace(DISMISSED, said=(Input("1"), Input("gestern"))))
    again = await rehearse(hub, library, replace(DISMISSED, said=(Input("1"),)))
    assert texts(one) == texts(again) == texts(two)[: len(texts(one))]
    assert one.conversation.state["flow"]["node"] == again.conversation.state["flow"]["node"]


async def test_a_jump_begins_at_a_node_with_what_is_known(hub: Hub) -> None:
    flow = hub.shelf.library.flows["dismissal"][1]
    node = next(name for name, each in flow.nodes.items() if each.kind == "condition")
    known = {"letter_date": "2026-11-20", "court_until": "2026-12-11", "dismissal_form": "paper"}
    outcome = await rehearse(hub, hub.shelf.library, replace(DISMISSED, node=node, known=known))
    assert "11. Dezember" in " ".join(texts(outcome))


async def test_free_words_are_answered_as_the_bot_would_and_a_button_goes_on(hub: Hub) -> None:
    script = Script("telegram", "de", "", date(2026, 11, 22))
    asked = replace(script, said=(Input("Mein Chef zahlt meinen Lohn nicht"),))
    outcome = await rehearse(hub, hub.shelf.library, asked)
    assert outcome.understood is not None
    assert outcome.understood["topics"] == ("work.wage_unpaid",)
    assert outcome.rule == "answer_or_ask"
    answer = await rehearse(hub, hub.shelf.library, replace(script, entry="work.wage_unpaid"))
    assert texts(answer)[0] in texts(outcome)
    danger = await rehearse(hub, hub.shelf.library, replace(script, said=(Input("mein Mann schlägt mich"),)))
    assert danger.case is not None
    assert (danger.rule, danger.case.urgency) == ("meet_danger", "urgent")


async def test_what_is_broken_says_so(hub: Hub) -> None:
    piece = await opened(hub, "flow", "dismissal")
    library = library_with(hub.shelf.library, "flow", piece.data | {"start": "nowhere"})
    outcome = await rehearse(hub, library, DISMISSED)
    assert "nowhere" in outcome.trouble


async def test_it_is_kept_as_a_dialogue(hub: Hub) -> None:
    script = replace(DISMISSED, said=(Input("1"), Input("12.10.2026"), Input("danke")))
    outcome = await rehearse(hub, hub.shelf.library, script)
    stored = as_transcript(hub.shelf.library, script, outcome, "kept")
    piece = await opened(hub, "transcript", "dismissal_de_sms_too_late")
    assert stored.text == piece.data["text"]
