"""How flows are walked: counted, never by whom."""

from datetime import date

from sqlalchemy import Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithId


class FlowStep(WithId):
    """How often one went from a step of a flow to another on a day. Empty and `<` as in `flows.dialogue.engine`."""

    __tablename__ = "flow_steps"
    __table_args__ = (UniqueConstraint("flow", "node", "target", "day"),)

    flow: Mapped[str]
    node: Mapped[str]
    target: Mapped[str]  # a step, or what a button leads away to ('topic:work.tips')
    day: Mapped[date] = mapped_column(Date)
    count: Mapped[int] = mapped_column(server_default="0")
