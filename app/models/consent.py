"""That a person agreed to be written to, where we wrote first."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithTime


class Consent(WithTime):
    """Who said yes, when and how, and who of the staff heard it. It goes with the person."""

    __tablename__ = "consents"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    said_by: Mapped[str]
    given_on: Mapped[date]
    how: Mapped[str]  # a slug: in_person, by_phone, in_writing, through_partner
