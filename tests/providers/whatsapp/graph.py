"""The Graph API but for sending: numbers, files, the account's apps and templates, the token's debugger."""

import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

from tests.providers.whatsapp.state import APP_ID, WABA_ID, ApiError, Json, Number, State, Template

_TYPES = (
    "audio/aac audio/amr audio/mpeg audio/mp4 audio/ogg image/jpeg image/png image/webp video/mp4 video/3gpp "
    "text/plain application/pdf application/msword application/vnd.ms-excel application/vnd.ms-powerpoint"
)
_MIMES = _TYPES.split()
_OFFICE = "application/vnd.openxmlformats-officedocument."
_LARGEST = {"image": 5 << 20, "audio": 16 << 20, "video": 16 << 20}
_PAGE = 2  # templates on one page: small, so that paging is met


def check_token(state: State, authorization: str) -> None:
    if state.revoked or authorization != f"Bearer {state.token}":
        raise ApiError(401, 190, f"Error validating access token: {authorization[:12]}", subcode=463)


def check_proof(state: State, proof: str | None) -> None:
    expected = hmac.new(state.app_secret.encode(), state.token.encode(), hashlib.sha256).hexdigest()
    if proof is not None and proof != expected:
        raise ApiError(400, 100, "Invalid appsecret_proof provided in the API argument")


def number_of(state: State, number_id: str) -> Number:
    if number_id not in state.numbers:
        words = f"Unsupported request. Object with ID '{number_id}' does not exist or permissions are missing"
        raise ApiError(400, 100, words, subcode=33)
    return state.numbers[number_id]


def about_number(state: State, number: Number, fields: str) -> Json:
    entities: list[Json] = [
        {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"},
        {"entity_type": "WABA", "id": WABA_ID, "can_send_message": "AVAILABLE"},
        {"entity_type": "APP", "id": APP_ID, "can_send_message": "AVAILABLE"},
    ]
    if number.quality == "RED":
        entities[0] |= {"can_send_message": "BLOCKED", "errors": [{"error_code": 141006}]}
    places = {"phone_number": number.webhook, "application": state.webhook.url}
    known: Json = {
        "display_phone_number": number.display,
        "verified_name": "Streetwork",
        "quality_rating": number.quality,
        "code_verification_status": "VERIFIED",
        "health_status": {"can_send_message": "AVAILABLE", "entities": entities},
        "webhook_configuration": {name: url for name, url in places.items() if url},
    }
    wanted = [name for name in fields.split(",") if name and name != "id"] or ["display_phone_number"]
    if unknown := [name for name in wanted if name not in known]:
        raise ApiError(400, 100, f"Tried accessing nonexisting field ({unknown[0]})")
    return {"id": number.id, **{name: known[name] for name in wanted}}


def store_upload(state: State, number: Number, form: Json) -> Json:
    if form.get("messaging_product") != "whatsapp" or not isinstance(form.get("file"), tuple):
        raise ApiError(400, 100, "Invalid parameter", details="messaging_product and file are required")
    name, content, mime = form["file"]
    if mime not in _MIMES and not mime.startswith(_OFFICE):
        raise ApiError(400, 100, "Param file must be a file with one of the following types")
    if not content or len(content) > _LARGEST.get(mime.partition("/")[0], 100 << 20):
        raise ApiError(400, 131053, "Media upload error")
    return {"id": state.add_file(content, mime, name=name, number_id=number.id)}


def about_file(state: State, media_id: str, number_id: str | None) -> Json:
    file = state.files.get(media_id)
    if file is None or file.fault == "missing" or number_id not in (None, file.number_id):
        raise ApiError(400, 100, f"Unsupported get request. Object with ID '{media_id}' does not exist", subcode=33)
    return {
        "url": file.url or f"{state.base_url}/whatsapp_business/attachments/?mid={media_id}",
        "mime_type": file.mime,
        "sha256": file.sha256 or hashlib.sha256(file.content).hexdigest(),
        "file_size": len(file.content) if file.announced is None else file.announced,
        "id": media_id,
        "messaging_product": "whatsapp",
    }


def subscribed_apps(state: State) -> Json:
    app = {"whatsapp_business_api_data": {"id": APP_ID, "name": "Streetwork", "link": "https://example.org"}}
    return {"data": [app] if state.subscribed else []}


def message_templates(state: State, after: str | None) -> Json:
    start = int(after or 0)
    page = state.templates[start : start + _PAGE]
    paging: Json = {"cursors": {"before": str(start), "after": str(start + len(page))}}
    if start + len(page) < len(state.templates):
        paging["next"] = "https://graph.example/next"
    return {"data": [_template(one) for one in page], "paging": paging}


def _template(one: Template) -> Json:
    about = {"name": one.name, "language": one.language, "status": one.status, "category": one.category}
    return {**about, "components": [{"type": "BODY", "text": one.body}], "id": "594425479261596"}


def batch(state: State, requests: str) -> list[Json]:
    """Only the token's debugger is asked this way."""
    answers: list[Json] = []
    for request in json.loads(requests):
        parts = urlsplit(request["relative_url"])
        token = parse_qs(parts.query).get("input_token", [""])[0]
        data = {"app_id": APP_ID, "is_valid": token == state.token, "expires_at": state.token_expires}
        known = parts.path == "debug_token"
        answers.append({"code": 200 if known else 404, "body": json.dumps({"data": data} if known else {})})
    return answers
