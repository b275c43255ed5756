"""From the composer to a mediator: what stands there, or what the machine makes of it, is checked before it goes out."""

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncSession

from app import mediation
from app.errors import BadInput
from app.hub import Hub
from app.models import Mediation, User
from app.translating import Wanted, job, same, translate
from translations.machine import NoRoute, TooSlow


async def ask_mediator(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    german: str,
    wanted: Wanted,
    seen_seq: int,
) -> Mediation:
    """Have the reply checked as it stands in the composer; where nothing stands there, as it would be sent, or else only the
    German goes to the mediator."""
    work = await job(hub, session, user, case_id, conversation_id, german)
    if work is None:
        raise BadInput("Nothing has to be translated for this person.")
    draft = wanted.text if wanted.language == work.language else ""
    if not (wanted.edited or same(wanted.made_from, german)):  # of other words
        draft = ""
    if german.strip() and not draft.strip():
        with suppress(NoRoute, TooSlow):
            draft = (await translate(hub, work)).text
    return await mediation.ask(
        hub, session, user, case_id,
        conversation_id=conversation_id, german=german, draft=draft, language=work.language, seen_seq=seen_seq,
    )  # fmt: skip
