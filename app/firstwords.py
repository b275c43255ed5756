"""Conversations that staff start: an address that the person gave, their recorded consent, and a first message that says
who writes and how to stop. WhatsApp takes an approved template only; what else is to be said waits for the person."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import outbox
from app.blocking import is_blocked
from app.cases import checked_words
from app.errors import BadInput, Conflict, NotAllowed
from app.history import add_event
from app.hub import Hub
from app.intake import next_seq
from app.locks import hold_conversations
from app.meeting import conversation_for
from app.models import Address, Case, Consent, Contact, Conversation, Message, User
from app.opening import open_by_hand
from app.registry import LiveChannel
from app.rights import ANSWERING_ROLES, seeing
from app.window import find_template, window_open
from channels.base import Inbound, Outbound
from channels.numbers import NotANumber, full_number
from flows.model import ANSWER_LANGUAGES
from translations.phrases import phrase

TEMPLATE = "first_words"  # key of the WhatsApp template
WAYS = ("in_person", "by_phone", "in_writing", "through_partner")  # how the person said yes
KINDS = ("sms", "whatsapp-twilio", "whatsapp-cloud")  # to a phone number one can write first; elsewhere the person must
OLDEST_CONSENT = timedelta(days=90)
SAID_BY_CHARS = 120
WORDS_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Start:
    """The form: whom to write to, who agreed, and what to say first."""

    channel: str
    number: str
    language: str
    place: str
    said_by: str
    given_on: date | None
    how: str
    words: str


def channels_to_start(hub: Hub) -> list[LiveChannel]:
    return [channel for channel in hub.registry.all() if channel.kind in KINDS]


async def start(hub: Hub, session: AsyncSession, user: User, form: Start, today: date) -> Case:
    """Raises BadInput and Conflict; then nothing was stored and nobody was written to."""
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    channel = _checked_channel(hub, form)
    _check_consent(form, today)
    words = checked_words(form.words, WORDS_CHARS)
    try:
        address = full_number(form.number)
    except NotANumber:
        raise BadInput("This is not a phone number. Write it as +49 171 1234567 or 0171 1234567.") from None
    conversation = await _meet(hub, session, user, replace(channel, place=form.place), address)
    if conversation.language is None:
        conversation.language = form.language
        conversation.state = conversation.state | {"language_chosen": form.language}
    conversation.state = conversation.state | {"greeted": True}  # the first message has said who we are
    case = await open_by_hand(session, user, conversation, place=form.place)
    await _note_consent(session, user, case, conversation, form)
    await _say(hub, session, channel, conversation, user, words)
    return case


def _checked_channel(hub: Hub, form: Start) -> LiveChannel:
    channel = next((each for each in channels_to_start(hub) if each.name == form.channel), None)
    if channel is None:
        raise BadInput("Please choose a channel.")
    if form.language not in ANSWER_LANGUAGES:
        raise BadInput("Please choose a language.")
    if form.place not in hub.shelf.library.served:
        raise BadInput("Please choose a place.")
    if channel.adapter.limits.window_hours is not None:
        asked = Conversation(language=form.language)
        if find_template(hub, channel, asked, TEMPLATE) is None:
            raise BadInput("WhatsApp has not approved a template for first messages yet. An SMS can be sent instead.")
    return channel


def _check_consent(form: Start, today: date) -> None:
    if not form.said_by.strip() or len(form.said_by) > SAID_BY_CHARS:
        raise BadInput("Please write down who said yes to being written to.")
    if form.how not in WAYS:
        raise BadInput("Please choose how the person said yes.")
    if form.given_on is None or not today - OLDEST_CONSENT <= form.given_on <= today:
        raise BadInput("Please give the day of the consent: today or in the last three months.")


async def _meet(hub: Hub, session: AsyncSession, user: User, channel: LiveChannel, address: str) -> Conversation:
    """The conversation of this address, a known person's or a new one's: the unique index is the judge."""
    met = Inbound(external_id="", address=address, kind="unknown")
    conversation_id = await conversation_for(hub, session, channel, met)
    conversation = await session.get_one(Conversation, conversation_id)
    await hold_conversations(session, conversation.contact_id)
    await session.refresh(conversation)
    contact = await session.get_one(Contact, conversation.contact_id, populate_existing=True)
    await _check_may_know(session, user, conversation)
    if conversation.mode == "stopped":
        raise Conflict("This person does not want messages at this number. They can write to us themselves.")
    if is_blocked(contact, hub.now()):
        raise Conflict("This person is blocked. A coordinator can end that.")
    return conversation


async def _check_may_know(session: AsyncSession, user: User, conversation: Conversation) -> None:
    """Knowing a number opens nobody's talks: who has written already is known to those who see a case of theirs, or
    would see one of the place that they talk about."""
    if not conversation.last_seq:
        return
    cases = (await session.scalars(sa.select(Case).where(Case.contact_id == conversation.contact_id))).all()
    theirs = sa.or_(*(seeing(case) for case in cases or [Case(place=conversation.place)]))
    if await session.scalar(sa.select(User.id).where(User.id == user.id, theirs)) is None:
        raise Conflict("Somebody at this number talks with another team already. Please ask a coordinator.")


async def _note_consent(session: AsyncSession, user: User, case: Case, conversation: Conversation, form: Start) -> None:
    assert form.given_on is not None
    address = await session.get_one(Address, conversation.address_id)
    consent = Consent(
        contact_id=case.contact_id,
        address_id=address.id,
        user_id=user.id,
        said_by=" ".join(form.said_by.replace("\x00", "").split()),
        given_on=form.given_on,
        how=form.how,
    )
    session.add(consent)
    await add_event(session, case, "consented", user, data={"how": form.how, "date": form.given_on.isoformat()})


async def _say(
    hub: Hub, session: AsyncSession, channel: LiveChannel, conversation: Conversation, user: User, words: str
) -> None:
    language = conversation.language if conversation.language in ANSWER_LANGUAGES else "de"
    hello = phrase("first.hello", str(language), name=user.name)
    if window_open(hub, channel, conversation):
        said = [Outbound(text=f"{hello}\n\n{words}\n\n{phrase('first.stop', str(language))}")]
    else:
        await _say_template(hub, session, channel, conversation, user)
        said = [Outbound(text=words)]  # held until the person writes
    await outbox.queue(hub, session, conversation, said, author="staff", user_id=user.id)


async def _say_template(
    hub: Hub, session: AsyncSession, channel: LiveChannel, conversation: Conversation, user: User
) -> None:
    template = find_template(hub, channel, conversation, TEMPLATE)
    assert template is not None
    words = hub.shelf.library.templates[TEMPLATE].languages[template.language]  # type: ignore[index]
    # No second template a moment later, for the words that are held.
    conversation.state = conversation.state | {"nudged_at": hub.now().timestamp()}
    message = Message(
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        seq=await next_seq(session, conversation.id),
        direction="out",
        author="staff",
        user_id=user.id,
        status="queued",
        kind="text",
        text=words.body,
        payload={"template": {"name": template.name, "language": template.language, "variables": []}},
    )
    session.add(message)
    await session.flush()
