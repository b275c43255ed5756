"""What pages say exists in both languages, and dates read as people write them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from app import firstwords, revealing
from app.audit import KINDS
from app.auth import ROLES
from app.closing import OUTCOMES
from app.config import Settings
from app.conversation import RULES
from app.editor.overview import GROUPS as GROUPS_OF_OVERVIEW
from app.editor.personal import SIGNS
from app.editor.searching import KINDS as KINDS_FOUND
from app.editor.service_fields import LEVELS
from app.editor.service_list import STATES
from app.editor.waiting import ORDER
from app.exporting import REASONS
from app.publishing import ORIGINS
from app.rules import greet_first
from app.tokens import SCOPES
from app.web import looks
from app.web.abc_views import AREAS
from app.web.editor.transcripts import DEEDS
from app.web.i18n import Texts, best_language, texts
from channels.base import MEDIA_KINDS, SendErrorKind
from flows.canned import CATEGORIES
from flows.dialogue.transcript import LEAVES
from flows.findings import Severity
from flows.load import EVERY_MODEL
from flows.understand import intents
from flows.understand.outcome import Decision
from tests.web.texts import error_texts, fields_of, finding_codes, refused_reasons, template_texts

STATUSES = ("queued", "sending", "sent", "delivered", "read", "failed", "uncertain", "cancelled", "held")
ONLY_WHEN_CONNECTING = {"webhook_set"}
NEVER_WRONG = {"ready", "groups"}
GROUPS = {
    "status": STATUSES,
    "send_error": [kind.code for kind in SendErrorKind],
    "refused": sorted(refused_reasons()),
    "finding": ["no_answer", *sorted(finding_codes() - ONLY_WHEN_CONNECTING)],
    "remedy": ["no_answer", *sorted(finding_codes() - ONLY_WHEN_CONNECTING - NEVER_WRONG)],
    "setting": sorted(Settings.model_fields),
    "held": ["asked", "no_template"],
    "kind": [*MEDIA_KINDS, "text", "location", "contact", "button", "reaction", "blocked", "unblocked", "unknown"],
    "event": [
        "opened",
        "urgent",
        "taken",
        "assigned",
        "released",
        "snoozed",
        "woken",
        "closed",
        "reopened",
        "later_cancelled",
        "later_returned",
        "asked_helped",
        "helped",
        "not_helped",
        "message_again",
        "message_arrived",
        "message_other_way",
        "shared",
        "unshared",
        "need_added",
        "need_removed",
        "need_main",
        "deadline_set",
        "deadline_removed",
        "raised",
        "lowered",
        "language_set",
        "place_set",
        "fact_removed",
        "revealed",
        "blocked",
        "unblocked",
        "consented",
        "read_asked",
        "read_released",
        "read_changed",
        "read_returned",
        "read_withdrawn",
        "read_skipped",
        "read_danger",
        "check_asked",
        "check_released",
        "check_changed",
        "check_returned",
        "check_came_back",
        "check_withdrawn",
        "team_assigned",
        "alerted",
        "flow_started",
        "flow_done",
        "flow_left",
        "flow_stopped",
        "flow_handed",
        "returned",
        "tagged",
        "untagged",
        "undone",
    ],
    "outcome": OUTCOMES,
    "decision": get_args(Decision),
    "intent": (*intents.ORDER, *intents.EXACT),
    "personal": SIGNS,
    "danger": ["violence", "self_harm", "child", "medical", "shelter", "exploitation"],
    "reason": ["asked", "by_hand", "danger", "deadline", "no_answer", "not_understood", "wrote_again", *MEDIA_KINDS],
    "why": revealing.REASONS,
    "how": firstwords.WAYS,
    "area": AREAS,
    "role": ROLES,
    "audit": KINDS,
    "content": EVERY_MODEL,
    "severity": get_args(Severity),
    "origin": ORIGINS,
    "waiting": ORDER,
    "part": sorted(fields_of(EVERY_MODEL.values())),
    "category": CATEGORIES,
    "scope": SCOPES,
    "export": REASONS,
    "author": ["contact", "bot", "staff", "system"],
    "service_state": ["all", *STATES],
    "level": LEVELS,
    "channel_kind": ["telegram", "sms", "whatsapp-twilio", "whatsapp-cloud", "webchat"],
    "media_reason": ["too_large", "wrong_type", "gone", "refused"],
    "rule": [rule.__name__ for rule in RULES if rule is not greet_first],
    "deed": [deed.replace(" ", "_") for deed in (*DEEDS, *(leaves.removeprefix("* ") for leaves in LEAVES.values()))],
    "dialogue_done": ["kept", "played", "taken", "retired", "restored"],
    "attention": GROUPS_OF_OVERVIEW,
    "attention_hint": GROUPS_OF_OVERVIEW,
    "review": ["expired", "expires", "due", "soon"],
    "draft": ["waits", "ready", "outdated"],
    "found": KINDS_FOUND,
    "error": ["400", "403", "404", "405", "409", "413", "422", "429", "500", "503"],
}
NOW = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)


def known(language: str) -> set[str]:
    catalog = texts(language).translations._catalog.items()  # (words, form) where one and many differ
    return {str(key[0] if isinstance(key, tuple) else key) for key, value in catalog if value}


def test_every_sentence_has_a_german_translation() -> None:
    assert sorted((template_texts() | error_texts()) - known("de")) == []


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("group", GROUPS)
def test_every_slug_has_words(language: str, group: str) -> None:
    assert sorted({f"{group}.{slug}" for slug in GROUPS[group]} - known(language)) == []


def test_every_reason_to_refuse_a_request_is_known() -> None:
    assert {"wrong_url", "wrong_signature", "signature_wrong", "secret_unset", "unknown_number"} <= refused_reasons()


def test_icons_exist() -> None:
    for name in {*looks.CHANNELS.values(), *looks.STATUSES.values(), *looks.EVENTS.values(), "circle-dot"}:
        assert 'class="icon"' in looks.icon(name)


def test_icons_of_templates_exist() -> None:
    """One that is shown in rare cases only would be missed else."""
    folder = Path(looks.__file__).parent / "templates"
    names = {
        name for file in folder.rglob("*.html") for name in re.findall(r"icon\([\"']([a-z0-9-]+)", file.read_text())
    }
    assert len(names) > 50
    for name in names:
        assert 'class="icon"' in looks.icon(name)


def test_unknown_slugs_are_shown_as_they_are() -> None:
    assert texts("en").term("status", "brand_new") == "brand_new"


@pytest.mark.parametrize(
    ("at", "german", "english"),
    [
        (NOW - timedelta(hours=1), "Heute", "Today"),
        (NOW - timedelta(days=1), "Gestern", "Yesterday"),
        (NOW - timedelta(days=4), "Donnerstag, 26. März", "Thursday, March 26"),
    ],
)
def test_days(at: datetime, german: str, english: str) -> None:
    assert Texts("de").day(at, NOW) == german
    assert Texts("en").day(at, NOW) == english


def test_times_are_those_of_berlin_also_across_the_change_of_clocks() -> None:
    assert texts("de").time(NOW) == "08:30"
    assert texts("de").time(NOW - timedelta(days=2)) == "07:30"


def test_waiting_times() -> None:
    assert texts("de").since(NOW - timedelta(minutes=90), NOW) == "2 Std."
    assert texts("en").since(NOW - timedelta(seconds=5), NOW) == "1 min"


@pytest.mark.parametrize(
    ("accept", "best"),
    [("en-GB,en;q=0.9,de;q=0.8", "en"), ("de", "de"), ("fr,de;q=0.2,en;q=0.1", "de"), ("", "de"), ("en;q=x,*", "de")],
)
def test_the_browsers_wish(accept: str, best: str) -> None:
    assert best_language(accept, ("de", "en"), "de") == best
