"""`/messages`: Meta's checks of what is sent, and its words for what is wrong."""

import re
import time

from tests.providers.whatsapp.state import ApiError, Contact, Json, Number, Sent, State, Template

WINDOW = 24 * 3600
_KINDS = ("text", "interactive", "image", "audio", "video", "document", "sticker", "template")
_MEDIA = ("image", "audio", "video", "document", "sticker")


def length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def accept(state: State, number: Number, body: Json) -> Sent:
    """The message, once it passes the checks that are made before the answer."""
    _expect(body.get("messaging_product") == "whatsapp", "messaging_product", "must be whatsapp")
    to = recipient(body)
    _not_too_fast(state, number, to)
    kind = str(body.get("type", "text"))
    _expect(kind in _KINDS and isinstance(body.get(kind), dict), "type", f"no content for {kind}")
    if to == re.sub(r"\D", "", number.display):
        raise ApiError(400, 131021, "Recipient cannot be sender")
    sent = Sent(state.next_id(), number.id, to, kind, raw=body)
    _fill(state, number, sent, body[kind])
    if context := body.get("context"):
        sent.reply_to = str(context["message_id"])
        _expect(sent.reply_to in state.messages, "context.message_id", "is not a message of this number", 131009)
    return sent


def recipient(body: Json) -> str:
    """`to` takes numbers, `recipient` scoped ids; an id in `to` would be taken for a number and lost."""
    if "to" in body:
        to = re.sub(r"[ +()-]", "", str(body["to"]))
        _expect(to.isdecimal(), "to", "is not a phone number")
        return to
    scoped = str(body.get("recipient", ""))
    _expect(re.fullmatch(r"[A-Z]{2}\.\w+", scoped) is not None, "to", "The parameter to is required.")
    return scoped


def late_refusal(state: State, sent: Sent, person: Contact | None) -> tuple[int, str] | None:
    """Most refusals come as a status, after the message was accepted."""
    if person is None or person.state == "gone":
        return 131026, "Message undeliverable"
    if person.state == "stopped":
        return 131050, "Unable to deliver the message. This recipient has chosen to stop receiving messages"
    last = person.wrote_at.get(sent.number_id, 0.0)
    if sent.kind != "template" and state.time() - last > WINDOW:
        return 131047, "Re-engagement message"
    return None


def _not_too_fast(state: State, number: Number, to: str) -> None:
    now = time.monotonic()
    if state.per_second is not None:
        state.sent_at[:] = [at for at in state.sent_at if now - at < 1.0]
        if len(state.sent_at) >= state.per_second:
            raise ApiError(429, 130429, "Rate limit hit")
        state.sent_at.append(now)
    if state.pair_burst is not None:
        pair = [one for one in state.sent if (one.number_id, one.to) == (number.id, to) and now - one.at < 6.0]
        if len(pair) >= state.pair_burst:
            raise ApiError(400, 131056, "(Business Account, Consumer Account) pair rate limit hit")


def _fill(state: State, number: Number, sent: Sent, content: Json) -> None:
    if sent.kind == "text":
        sent.text = _text(content.get("body"), "text['body']", 4096)
    elif sent.kind == "interactive":
        _interactive(sent, content)
    elif sent.kind == "template":
        _template(state, sent, content)
    else:
        _file(state, number, sent, content)


def _interactive(sent: Sent, content: Json) -> None:
    sent.text = _text((content.get("body") or {}).get("text"), "interactive['body']['text']", 1024)
    action = content["action"]
    if content["type"] == "button":
        pairs = [(one["reply"]["title"], one["reply"]["id"]) for one in action["buttons"]]
        _options(pairs, 3, 20, 256)
    else:
        _expect(content["type"] == "list", "interactive['type']", "unknown")
        sent.opener = _text(action.get("button"), "interactive['action']['button']", 20)
        _expect(1 <= len(action["sections"]) <= 10, "sections", "1 to 10 sections")
        rows = [row for section in action["sections"] for row in section["rows"]]
        pairs = [(row.get("description") or row["title"], row["id"]) for row in rows]
        _options([(row["title"], row["id"]) for row in rows], 10, 24, 200)
        _expect(all(length(row.get("description", "")) <= 72 for row in rows), "description", "at most 72 characters")
    sent.buttons = tuple(pairs)


def _options(pairs: list[tuple[str, str]], most: int, longest_title: int, longest_id: int) -> None:
    _expect(1 <= len(pairs) <= most, "action", f"Invalid buttons count. Min allowed: 1, Max allowed: {most}")
    for title, option_id in pairs:
        _text(title, "title", longest_title)
        _text(option_id, "id", longest_id)
        _expect(option_id == option_id.strip(), "id", "no leading or trailing spaces")
    for place in (0, 1):
        _expect(len({pair[place] for pair in pairs}) == len(pairs), "action", "titles and ids must be unique")


def _file(state: State, number: Number, sent: Sent, content: Json) -> None:
    file = state.files.get(str(content.get("id")))
    _expect(file is not None and file.number_id == number.id, f"{sent.kind}['id']", "is not a valid media id", 131009)
    assert file is not None
    family = file.mime.partition("/")[0]
    fits = sent.kind in ("document", family) or (sent.kind == "sticker" and file.mime == "image/webp")
    _expect(fits, sent.kind, f"{file.mime} can't be sent so", 131053)
    _expect(sent.kind in ("image", "video", "document") or "caption" not in content, "caption", "not allowed here")
    voice = content.get("voice", False)
    _expect(not voice or b"OpusHead" in file.content, f"{sent.kind}['voice']", "only Ogg with Opus", 131053)
    if caption := content.get("caption"):
        sent.text = _text(caption, "caption", 1024)
    sent.file, sent.file_name = file.content, content.get("filename")


def _template(state: State, sent: Sent, content: Json) -> None:
    language = content["language"]["code"]
    found = next((one for one in state.templates if (one.name, one.language) == (content["name"], language)), None)
    if found is None or found.status in ("PENDING", "REJECTED"):
        raise ApiError(404, 132001, "Template name does not exist in the translation")
    if found.status == "PAUSED":
        raise ApiError(400, 132015, "Template is Paused")
    if found.status == "DISABLED":
        raise ApiError(400, 132016, "Template is Disabled")
    sent.template, sent.text = content, _filled(found, content)


def _filled(template: Template, content: Json) -> str:
    parameters = [one for part in content.get("components", []) for one in part["parameters"]]
    wanted = sorted(set(re.findall(r"\{\{(\d+)\}\}", template.body)))
    if len(parameters) != len(wanted):
        raise ApiError(400, 132000, "Number of parameters does not match the expected number of params")
    text = template.body
    for number, parameter in enumerate(parameters, 1):
        value = _text(parameter["text"], "components", 32768)
        _expect(not re.search(r"[\n\t]| {5}", value), "components", "no new-line/tab characters", 132018)
        text = text.replace(f"{{{{{number}}}}}", value)
    return text


def _text(value: object, name: str, most: int) -> str:
    _expect(isinstance(value, str) and bool(value.strip()), name, "must be a non-empty string", 131009)
    text = str(value)
    _expect(length(text) <= most, name, f"must be at most {most} characters long.")
    return text


def _expect(fine: bool, name: str, details: str, code: int = 100) -> None:
    if not fine:
        words = "Invalid parameter" if code == 100 else "Parameter value is not valid"
        raise ApiError(400, code, words, details=f"Param {name} {details}")
