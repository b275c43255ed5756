"""People with phones: what they do becomes complete webhooks, as Twilio would send them."""

from typing import TYPE_CHECKING

from tests.providers.twilio.state import Delivery, File, Mobile, Number, Pairs, Record

if TYPE_CHECKING:
    from tests.providers.twilio.server import TwilioServer

_STOP = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])
_START = frozenset(["START", "YES", "UNSTOP"])
_HELP = frozenset(["HELP", "INFO"])


class Person:
    """Writes to the hub's number by SMS, or to its WhatsApp sender; tests change `mobile` for anything else."""

    def __init__(self, server: "TwilioServer", number: str, *, whatsapp: bool) -> None:
        self.server = server
        self.number = number
        self.whatsapp = whatsapp
        self.address = f"whatsapp:{number}" if whatsapp else number
        self.external_id = ""  # the business-scoped id that goes with the number

    @property
    def mobile(self) -> Mobile:
        return self.server.state.mobile(self.address)

    @property
    def hub(self) -> Number:
        return self.server.whatsapp if self.whatsapp else self.server.sms

    # What they do

    async def writes(self, text: str, **more: str) -> Delivery:
        """`more` are further parameters, or others in place of the usual ones."""
        opt = "" if self.whatsapp else self._opt_out(text)
        if opt and self.server.state.advanced_opt_out:
            more = {"OptOutType": opt, **more}
        return await self._send({"Body": text, "MessageType": "text" if self.whatsapp else "", **more})

    async def sends_files(self, *files: File, text: str = "", message_type: str = "") -> Delivery:
        about = {"Body": text, "NumMedia": str(len(files)), "MessageType": message_type}
        return await self._send(about, files)

    async def sends_location(self, latitude: float, longitude: float, label: str = "", address: str = "") -> Delivery:
        place = {"Latitude": str(latitude), "Longitude": str(longitude), "Label": label, "Address": address}
        return await self._send({"Body": "", "MessageType": "location", **place})

    async def presses(self, payload: str, label: str, *, on: Record | None = None) -> Delivery:
        """A quick reply of a template."""
        about = {"Body": label, "ButtonText": label, "ButtonPayload": payload, "MessageType": "button"}
        return await self._send(about | self._context(on))

    async def chooses(self, row: str, title: str, *, on: Record | None = None) -> Delivery:
        """A row of a list."""
        about = {"Body": title, "ListId": row, "ListTitle": title, "MessageType": "interactive"}
        return await self._send(about | self._context(on))

    async def replies(self, to: Record, text: str) -> Delivery:
        return await self._send({"Body": text, "MessageType": "text", **self._context(to)})

    async def reads(self, record: Record) -> Delivery | None:
        return await self.server.report(record, "read")

    def blocks(self) -> None:
        self.mobile.blocked = True

    # What they see

    def sent(self) -> list[Record]:
        return self.server.sent_to(self.address)

    async def hears(self, count: int = 1, seconds: float = 5.0) -> list[Record]:
        return await self.server.wait_for(self.address, count, seconds)

    # How Twilio puts it

    def _opt_out(self, text: str) -> str:
        """Twilio itself blocks and unblocks; it says so only with Advanced Opt-Out."""
        word = text.strip().upper()
        if word in _STOP:
            self.mobile.stopped = True
            return "STOP"
        if word in _START:
            self.mobile.stopped = False
            return "START"
        return "HELP" if word in _HELP else ""

    def _context(self, record: Record | None) -> dict[str, str]:
        if record is None:
            return {}
        return {"OriginalRepliedMessageSid": record.sid, "OriginalRepliedMessageSender": record.sender}

    async def _send(self, about: dict[str, str], files: tuple[File, ...] = ()) -> Delivery:
        state = self.server.state
        record = Record(
            state.next_sid("MM" if files else "SM"), self.hub.number, self.address, about.get("Body", ""), "inbound",
            "received", state.now(), state.now(), files=list(files),
        )  # fmt: skip
        state.records.append(record)
        self.mobile.last_wrote = state.now()
        form = (self._whatsapp_form if self.whatsapp else self._sms_form)(record)
        for number, file in enumerate(files):
            form[f"MediaUrl{number}"] = self.server.media_url(file, record.sid)
            form[f"MediaContentType{number}"] = file.mime
        form |= {name: value for name, value in about.items() if value or name in form}
        pairs: Pairs = list(form.items())
        return await self.server.deliver(self.hub.url, pairs, method=self.hub.method)

    def _common_form(self, record: Record) -> dict[str, str]:
        return {
            "SmsMessageSid": record.sid, "NumMedia": "0", "SmsSid": record.sid, "SmsStatus": "received",
            "Body": record.body, "To": record.to, "NumSegments": "1", "MessageSid": record.sid,
            "AccountSid": self.server.account, "From": record.sender, "ApiVersion": "2010-04-01",
        }  # fmt: skip

    def _sms_form(self, record: Record) -> dict[str, str]:
        empty = dict.fromkeys(
            ["ToCountry", "ToState", "ToCity", "ToZip", "FromCountry", "FromState", "FromCity", "FromZip"], ""
        )
        return empty | {"ToCountry": "DE"} | self._common_form(record)

    def _whatsapp_form(self, record: Record) -> dict[str, str]:
        form = self._common_form(record) | {
            "ProfileName": "Мария", "MessageType": "text", "ReferralNumMedia": "0",
            "ChannelMetadata": '{"type":"whatsapp","data":{"context":{"ProfileName":"Мария"}}}',
        }  # fmt: skip
        if self.number.startswith("+"):
            form["WaId"] = self.number[1:]
        if self.external_id:
            form["ExternalUserId"] = self.external_id
        return form
