"""One turn of a conversation: what the person did, what the hub knows about them, and what it will say.

The rules in `app.conversation` read and change a Turn; nothing leaves before `finish` puts it into the outbox.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa
from babel.dates import format_datetime
from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, outbox
from app.duty import opening_of
from app.hub import Hub
from app.led import Led, drop, led, note_end
from app.models import Conversation, Message
from app.voicing import as_messages, button_label
from channels.base import Button, Outbound
from flows.hours import Opening
from flows.library import Library, NotSayable, Said
from flows.model import ANSWER_LANGUAGES, UNDERSTOOD_LANGUAGES
from flows.understand import Context, Understanding
from translations.phrases import has_phrase, phrase
from translations.script import skeleton

FALLBACK_LANGUAGE = "de"  # where nothing at all tells the language
THUMBS_UP = frozenset({"👍", "👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿", "❤", "❤️", "👌", "🙏", "✅"})
THUMBS_DOWN = frozenset({"👎", "👎🏻", "👎🏼", "👎🏽", "👎🏾", "👎🏿", "❌"})
MENU = "menu"  # the flow that is the menu; what is written under it is a question, not an answer
LANGUAGE_BUTTONS = [f"lang:{language}" for language in ANSWER_LANGUAGES]
ASKED_LATELY = timedelta(days=7)  # older questions belong to another matter
ASKED_KEPT = 5
SWITCHES_LANGUAGE = 5  # words; in a dialogue, shorter ones say nothing about the language
REPEAT_EMERGENCY_AFTER = timedelta(minutes=30)  # numbers said a moment ago are still on the screen


@dataclass
class Turn:
    hub: Hub
    session: AsyncSession
    conversation: Conversation
    message: Message
    is_group: bool
    is_blocked: bool = False  # by staff, for a time: heard, never answered, but where there is danger
    outbound: list[Outbound] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)  # which entries and versions were said
    ways: list[tuple[str, str, str]] = field(default_factory=list)  # of flows: which, from where to where
    aside: bool = False  # asked in the middle of a flow, whose question comes again after the answer
    led: Led | None = field(init=False)  # the flow that a colleague has started, where it goes on beside them
    done: bool = field(default=False, init=False)  # it came to its end

    def __post_init__(self) -> None:
        self.led = led(self.conversation)

    # What the person did

    @cached_property
    def text(self) -> str:
        return (self.message.text or "").strip() if self.message.kind in ("text", "button") else ""

    @cached_property
    def caption(self) -> str:
        return (self.message.text or "").strip()

    @cached_property
    def understanding(self) -> Understanding:
        """Of the words, captions included; the person's language is remembered from it."""
        found = self.hub.shelf.understander.understand(
            "" if self.message.kind == "reaction" else self.caption,
            Context(
                language=self.conversation.language,
                place=self.conversation.place or None,
                last_topic=self.recall("last_topic"),
                offered=tuple(a.removeprefix("topic:") for a in self.recall("options", []) if a.startswith("topic:")),
                answering=self.recall("flow", {}).get("flow") not in (None, MENU),
            ),
        )
        self._learn_language(found)
        return found

    def _learn_language(self, found: Understanding) -> None:
        """A sure finding is kept; an unsure one is better than nothing as long as nothing else is known."""
        if self.message.kind == "button" or not any(c.isalpha() for c in self.caption) or self.caption == "/start":
            return
        spoken = self.conversation.language
        if (
            self.recall("flow")
            and spoken not in (None, found.language)
            and len(self.caption.split()) < SWITCHES_LANGUAGE
        ):
            return  # 'in Wuppertal', 'Kündigung per WhatsApp': names and German words are answers, no change of language
        if found.language_sure:
            self.conversation.language = found.language
            self.conversation.script = found.script
        elif self.writes is None and found.decision != "handover":  # gibberish has no language
            self.remember(language_hint=found.language)
            self.conversation.script = self.conversation.script or found.script

    @cached_property
    def action(self) -> str | None:
        """The button that was pressed, or meant by its typed number or words."""
        pressed = self.message.payload.get("button")
        if pressed:
            return str(pressed["id"])
        options: list[str] = self.recall("options", [])
        if self.text.isdecimal() and 1 <= int(self.text) <= len(options):
            return options[int(self.text) - 1]
        labels: list[str] = self.recall("labels", [])
        wanted = skeleton(self.text).split()
        found = (o for o, label in zip(options, labels, strict=False) if wanted and skeleton(label).split() == wanted)
        return next(found, None)

    @property
    def says(self) -> Literal["yes", "no"] | None:
        """Yes or no, in words or with a thumb."""
        if self.message.kind == "reaction":
            return "yes" if self.caption in THUMBS_UP else "no" if self.caption in THUMBS_DOWN else None
        intent = self.understanding.intent
        return intent if intent in ("yes", "no") else None  # type: ignore[return-value]

    async def is_about_last_words(self) -> bool:
        """Whether a reaction is under the last message that we sent here."""
        last = await self.session.scalar(
            sa.select(Message.external_id)
            .where(Message.conversation_id == self.conversation.id, Message.direction == "out")
            .order_by(Message.seq.desc())
            .limit(1)
        )
        return last is not None and last == self.message.reply_to

    # What the hub remembers

    def recall(self, key: str, default: Any = None) -> Any:
        return self.conversation.state.get(key, default)

    def remember(self, **values: Any) -> None:
        """None forgets."""
        state = {**self.conversation.state, **values}
        self.conversation.state = {key: value for key, value in state.items() if value is not None}

    @property
    def last_needs(self) -> list[str]:
        """What the person asked about last, as the needs of a case."""
        topic = self.recall("last_topic")
        return [topic] if topic else []

    @property
    def asked_lately(self) -> list[str]:
        """Topics that the bot answered in the last days, the newest first."""
        since = (self.today - ASKED_LATELY).isoformat()
        return [topic for topic, day in reversed(self.recall("asked", [])) if day >= since]

    @property
    def library(self) -> Library:
        return self.hub.shelf.library

    @property
    def today(self) -> date:
        return self.hub.today

    async def duty(self) -> Opening:
        """Whether a colleague is on duty for the person's place, and when next."""
        return await opening_of(self.session, self.library, self.conversation.place, self.hub.now())

    @property
    def writes(self) -> str | None:
        """The language that the person writes, as far as known; the app's language is a weak hint."""
        hint = self.recall("language_hint")
        return self.conversation.language or (hint if hint in UNDERSTOOD_LANGUAGES else None)

    @property
    def language(self) -> str:
        """The language to answer in."""
        if (chosen := self.recall("language_chosen")) in ANSWER_LANGUAGES:
            return str(chosen)
        return self.writes if self.writes in ANSWER_LANGUAGES else FALLBACK_LANGUAGE

    # What the hub says

    def phrase(self, key: str, **values: object) -> str:
        """In the language the person writes where these words exist in it (ru and tr have the most needed ones)."""
        return phrase(key, self._language_of(key), **values)

    def _language_of(self, key: str) -> str:
        if not self.recall("language_chosen") and self.writes and has_phrase(key, self.writes):
            return self.writes
        return self.language

    @property
    def by_sms(self) -> bool:
        """Every letter costs: the short words, where there are any."""
        channel = self.hub.registry.by_id(self.conversation.channel_id)
        return channel is not None and channel.by_sms

    def say(self, key: str, *, opens: datetime | None = None, **values: object) -> None:
        """`opens`: when somebody will be there, which the words name as {when}; what was told is remembered."""
        if opens is not None:
            values["when"] = self._when(key, opens)
            self.remember(told=opens.isoformat())
        short = f"{key}.sms"
        chosen = short if self.by_sms and has_phrase(short, self.language) else key
        self.outbound.append(Outbound(text=self.phrase(chosen, **values)))

    def say_answer(self, said: Said) -> None:
        mark = self.phrase("draft_mark") if said.draft and self.hub.settings.demo else ""
        self.outbound += as_messages(self.library, said, by_sms=self.by_sms, mark=mark)
        self.answers.append({"topic": said.topic, "version": said.version, "language": said.language})
        self.note_asked(said.topic)

    def note_asked(self, topic: str) -> None:
        asked = [(earlier, day) for earlier, day in self.recall("asked", []) if earlier != topic]
        self.remember(asked=[*asked, (topic, self.today.isoformat())][-ASKED_KEPT:])

    def offer(self, actions: Iterable[str]) -> None:
        """The hub's own actions as buttons under the last message."""
        self.offer_buttons([Button(action, label) for action in actions if (label := self._label(action))])

    def offer_buttons(self, buttons: Sequence[Button]) -> None:
        """Buttons under the last message; their order is what a typed number means until the next offer."""
        last = self.outbound.pop()
        choose = self.phrase("button.choose")
        self.outbound.append(replace(last, buttons=tuple(buttons), list_label=choose))
        self.remember(
            options=[b.id for b in buttons if b.id != "human"],
            labels=[b.label for b in buttons if b.id != "human"],
        )

    def _label(self, action: str) -> str | None:
        return button_label(self.library, self.language, action, self.phrase)

    def find_answers(self, topics: Sequence[str]) -> tuple[list[Said], list[str]]:
        """What can be said on these topics today, and which of them only a human can answer."""
        said: list[Said] = []
        unsayable: list[str] = []
        for topic in topics:
            try:
                said.append(self.library.say(topic, self.language, self.conversation.place, self.today))
            except NotSayable:
                unsayable.append(topic)
        return said, unsayable

    # What humans get

    async def hand_over(
        self,
        reason: str,
        *,
        needs: Sequence[str] = (),
        danger: Sequence[str] = (),
        urgent: bool = False,
        promise: bool = True,
        deadline: date | None = None,
        team: str | None = None,
    ) -> None:
        """To the inbox; `promise` tells the person who will answer and when.

        What was asked about lately goes with it: needs hang together, and the colleague sees them all.
        """
        await cases.open_case(
            self.hub,
            self.session,
            self.conversation,
            reason=reason,
            needs=[*needs, *self.asked_lately],
            danger=danger,
            urgent=urgent,
            deadline=deadline,
            team=team,
        )
        if self.conversation.mode == "bot":
            self.conversation.mode = "waiting"
            self.remember(misses=None, pending=None)
        if promise and self.conversation.mode != "human":  # who is talking with a colleague is promised nobody
            await self._promise()

    async def _promise(self) -> None:
        now = await self.duty()
        if now.open:
            self.say("handover.soon")
        elif now.opens:
            self.say("handover.later", opens=now.opens)
        else:
            self.say("handover.unknown")

    def _when(self, key: str, opens: datetime) -> str:
        """'Montag, 09:00', with the date where that is more than six days away."""
        language = self._language_of(key)
        soon = opens - self.hub.now() < timedelta(days=6)
        return format_datetime(opens, "EEEE, HH:mm" if soon else "EEEE, d MMMM, HH:mm", locale=language)

    async def finish(self) -> None:
        if self.led is not None and led(self.conversation) is None:
            await self._tell_end()
        if self.outbound:
            payload = {"answers": self.answers} if self.answers else {}
            await outbox.queue(self.hub, self.session, self.conversation, self.outbound, author="bot", payload=payload)

    async def _tell_end(self) -> None:
        """The flow that a colleague has started is over. Where it came to its end, it is their turn again."""
        drop(self.conversation)
        case = await cases.open_case_of(self.session, self.conversation.contact_id)
        if case is None:
            return
        await note_end(self.session, case, done=self.done)
        if self.done and self.message.direction == "in":
            await cases.person_wrote(self.hub, self.session, self.conversation)
