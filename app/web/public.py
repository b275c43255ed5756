"""Pages for everybody, in the five languages of the answers: privacy and imprint."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.models import Setting
from app.web.deps import Tx
from app.web.i18n import best_language
from app.web.pages import render
from flows.model import ANSWER_LANGUAGES

router = APIRouter(include_in_schema=False)

OPERATOR = "operator"  # setting: who runs the hub
OPERATOR_FIELDS = ("name", "represented_by", "address", "email", "phone", "data_protection")

NATIVE_NAMES = {"bg": "Български", "ro": "Română", "uk": "Українська", "de": "Deutsch", "en": "English"}


@dataclass(frozen=True, slots=True)
class Chrome:
    """The few words around a public page; its body is a template of its own per language."""

    privacy: str
    imprint: str
    languages: str
    skip: str
    staff: str


CHROME = {
    "bg": Chrome("Защита на данните", "Контакт и отговорност", "Език", "Към съдържанието", "Вход за екипа"),
    "ro": Chrome("Protecția datelor", "Date de contact", "Limba", "Direct la conținut", "Intrare pentru echipă"),
    "uk": Chrome("Захист даних", "Контакти та відповідальність", "Мова", "До змісту", "Вхід для команди"),
    "de": Chrome("Datenschutz", "Impressum", "Sprache", "Zum Inhalt", "Anmeldung für das Team"),
    "en": Chrome("Privacy", "Imprint", "Language", "Skip to content", "Staff sign-in"),
}


@router.get("/privacy")
async def privacy(request: Request, tx: Tx, lang: str = "") -> Response:
    return await _public_page(request, tx, "privacy", lang)


@router.get("/imprint")
async def imprint(request: Request, tx: Tx, lang: str = "") -> Response:
    return await _public_page(request, tx, "imprint", lang)


async def _public_page(request: Request, tx: Tx, page: Literal["privacy", "imprint"], wish: str) -> Response:
    accepted = best_language(request.headers.get("accept-language", ""), ANSWER_LANGUAGES, "de")
    language = wish if wish in ANSWER_LANGUAGES else accepted
    row = await tx.get(Setting, OPERATOR)
    operator = {field: str(row.value.get(field, "")) if row else "" for field in OPERATOR_FIELDS}
    response = render(
        request,
        f"public/{page}.{language}.html",
        page=page,
        page_language=language,
        chrome=CHROME[language],
        native_names=NATIVE_NAMES,
        operator=operator,
    )
    response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
    return response
