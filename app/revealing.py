"""An address in clear, for a reason: shown once to the colleague who asked; the audit and the thread say so."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.cases import access_case
from app.errors import BadInput, NotFound
from app.feed import publish
from app.hub import Hub
from app.models import Address, CaseEvent, Channel, User

REASONS = ("call", "visit", "emergency", "authority", "other")
WORDS_CHARS = 300


async def reveal(
    hub: Hub, session: AsyncSession, user: User, case_id: int, address_id: int, *, reason: str, words: str
) -> str:
    """The words behind a reason go into the audit only, till the person is erased: the thread is for all on the case."""
    case = await access_case(session, user, case_id, lock=True)
    said = " ".join(words.replace("\x00", "").split())
    if reason not in REASONS:
        raise BadInput("Please say why you need the address.")
    if reason == "other" and not said:
        raise BadInput("Please say in your own words why you need the address.")
    if len(said) > WORDS_CHARS:
        raise BadInput("That is too long: at most {limit} characters.", limit=WORDS_CHARS)
    address = await session.get(Address, address_id)
    if address is None or address.contact_id != case.contact_id:
        raise NotFound("This person has no such address.")
    channel = await session.get_one(Channel, address.channel_id)
    data = {"why": reason, "channel": channel.kind}
    session.add(CaseEvent(case_id=case.id, user_id=user.id, kind="revealed", data=data))
    await audit.note(session, user, "revealed", case, address=address.id, why=reason, words=said)
    await publish(session, "case", case.id)
    return hub.vault.decrypt(address.value)
