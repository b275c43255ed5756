"""Monthly SMS budgets: staff are told before one is used up; nothing is cut off, for a lost message costs more."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import alert
from app.hub import Hub
from app.models import Setting
from app.sms_costs import spent

WARN_AT = (100, 80)  # per cent of the monthly budget, the higher first


async def check_budgets(hub: Hub) -> None:
    """Once a month and step, tell staff that 80 and 100 per cent of a channel's budget are spent. Nothing is cut off."""
    month = hub.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for channel in hub.registry.all():
        budget = float(channel.options.get("monthly_budget") or 0) * 100
        if not channel.by_sms or budget <= 0:
            continue
        async with hub.db.transaction() as session:
            share = 100 * await spent(session, channel.id, month) / budget
            step = next((step for step in WARN_AT if share >= step), None)
            if step is not None and await _first_time(session, channel.id, f"{month:%Y-%m}", step):
                await alert(hub, session, reason=f"sms_budget_{step}")


async def _first_time(session: AsyncSession, channel_id: int, month: str, step: int) -> bool:
    key = f"sms_budget:{channel_id}"
    told = await session.get(Setting, key, with_for_update=True)
    if told is not None and told.value["month"] == month and told.value["step"] >= step:
        return False
    await session.merge(Setting(key=key, value={"month": month, "step": step}))
    return True
