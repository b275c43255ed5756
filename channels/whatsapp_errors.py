"""What WhatsApp's error codes mean for the hub. Codes decide, not titles: those are to disappear."""

from channels.base import SendError, SendErrorKind

K = SendErrorKind

# The codes by their effect. Words are ours: Meta's messages may quote a token or what was written.
_TABLE: dict[SendErrorKind, dict[int, str]] = {
    K.RATE_LIMITED: {
        4: "too many calls by the app",
        17: "too many calls by the user",
        32: "too many calls by the page",
        613: "too many calls",
        80007: "too many calls by the account",
        130429: "too many messages by this number",
        131048: "restricted after complaints",
        131056: "too many messages to this person",
        133016: "too many registrations",
    },
    K.PROVIDER_DOWN: {
        131000: "unknown error at Meta",
        131016: "service unavailable",
        131057: "number in maintenance",
        133004: "server unavailable",
    },
    K.CREDENTIALS: {
        0: "token expired or withdrawn",
        3: "permission missing",
        10: "permission missing",
        102: "session invalid",
        104: "token missing",
        190: "token expired or withdrawn",
        131005: "permission missing",
    },
    K.ACCOUNT: {
        33: "number deleted",
        368: "blocked after a violation",
        803: "no such number",
        130497: "country not allowed",
        131030: "not on the test number's list",
        131031: "account locked",
        131037: "display name not approved",
        131042: "payment missing",
        131044: "payment missing",
        131045: "number not registered",
        133000: "registration incomplete",
        133005: "two-step PIN wrong",
        133006: "number not verified",
        133008: "two-step PIN tried too often",
        133009: "two-step PIN tried too fast",
        133010: "number not registered",
        133015: "number was just deleted",
        134011: "payment terms not accepted",
    },
    K.WINDOW_CLOSED: {131047: "outside the 24-hour window"},
    K.UNDELIVERABLE: {131026: "not deliverable to this person"},
    K.BLOCKED: {131050: "the person stopped these messages"},
    K.FILTERED: {131049: "Meta chose not to deliver", 130472: "number in an experiment of Meta"},
    K.TEMPLATE: {
        132000: "number of variables differs",
        132001: "no such template in this language",
        132005: "too long with its variables",
        132007: "template against the rules",
        132012: "variables in another format",
        132015: "template paused",
        132016: "template disabled",
        132068: "form blocked",
        132069: "form throttled",
    },
    K.MEDIA_REFUSED: {131052: "file not loaded", 131053: "file not accepted"},
    K.REFUSED: {
        1: "invalid request",
        100: "invalid parameter",
        131008: "parameter missing",
        131009: "parameter not valid",
        131021: "sender and recipient are the same",
        131051: "kind of message not supported",
        131055: "not allowed",
        131062: "not possible without a phone number",
        135000: "invalid parameter",
    },
}
CODES: dict[int, tuple[SendErrorKind, str]] = {
    code: (kind, words) for kind, codes in _TABLE.items() for code, words in codes.items()
}
_AFTER_COMPLAINTS = 600.0  # 131048: a restriction that lasts; trying every few seconds would prolong it
_GENERIC = (1, 2)  # "unknown" and "service": said by the gateway, which may not know what became of the call
_NO_SUCH_OBJECT = 33  # subcode of 100: no such number, or not for this token


def kind_of(code: int) -> SendErrorKind:
    if code in CODES:
        return CODES[code][0]
    if 132_000 <= code <= 132_999:
        return K.TEMPLATE
    if 200 <= code <= 299:
        return K.CREDENTIALS
    return K.PROVIDER_DOWN if code == 2 else K.REFUSED


class GraphError(SendError):
    """Meta refused. The numbers are kept for callers who ask about something else than a message."""

    def __init__(self, kind: SendErrorKind, detail: str, status: int, code: int | None, subcode: int | None) -> None:
        self.status = status
        self.code = code
        self.subcode = subcode
        super().__init__(kind, detail)


def graph_error(
    status: int,
    code: int | None,
    subcode: int | None = None,
    *,
    message: str = "",
    retry_after: float | None = None,
    repeatable: bool = False,
) -> GraphError:
    """`message` is looked at, never kept. `repeatable`: nothing is lost where the call took effect after all."""
    kind = _by_status(status) if code is None else _by_code(status, code, subcode)
    if kind is K.REFUSED and "characters" in message and ("at most" in message or "too long" in message):
        kind = K.TOO_LONG
    if kind is K.UNCERTAIN and repeatable:
        kind = K.PROVIDER_DOWN
    error = GraphError(kind, _detail(status, code, subcode), status, code, subcode)
    error.retry_after = _AFTER_COMPLAINTS if code == 131048 else retry_after
    return error


def _by_code(status: int, code: int, subcode: int | None) -> SendErrorKind:
    if code in _GENERIC and status >= 500:
        return _by_status(status)
    if code == 100 and subcode == _NO_SUCH_OBJECT:
        return K.CREDENTIALS
    if code not in CODES and status in (401, 429):
        return _by_status(status)
    return kind_of(code)


def _by_status(status: int) -> SendErrorKind:
    """Without a code of Meta's: a proxy or gateway answered."""
    if status in (401, 403):
        return K.CREDENTIALS
    if status == 429:
        return K.RATE_LIMITED
    if status == 413:
        return K.MEDIA_REFUSED
    if status == 503:  # "Not now" by definition; 500, 502 and 504 may come after Meta took the message.
        return K.PROVIDER_DOWN
    return K.UNCERTAIN if status >= 500 else K.REFUSED


def _detail(status: int, code: int | None, subcode: int | None) -> str:
    if code is None:
        return f"HTTP {status}"
    number = f"{code}/{subcode}" if subcode is not None else str(code)
    return f"{number} {CODES[code][1]}" if code in CODES else number
