"""Every error as an answer: a page for browsers, a notice for htmx, JSON for programs, in the reader's language."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlsplit

import psycopg
import sqlalchemy.exc
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.errors import HubError, NotSignedIn, Unavailable
from app.web.i18n import texts
from app.web.pages import is_fragment, reader_language, render

log = logging.getLogger(__name__)

API_PATH = "/api/"
API_CODES = {
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    422: "bad_input",
    429: "too_many_requests",
    503: "unavailable",
}
PROGRAM_PATHS = ("/api/", "/webhooks/", "/events", "/healthz", "/readyz", "/metrics")


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)
    for away in (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError, psycopg.OperationalError):
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(Exception, _unexpected)


async def _hub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    if isinstance(error, NotSignedIn) and _for_people(request):
        return _to_sign_in(request)
    return answer(request, error.status, error.message or f"error.{error.status}", detail=error.detail)


async def _bad_request(request: Request, _error: Exception) -> Response:
    # The details would repeat what somebody typed, into logs and pages; the status says enough.
    return answer(request, 422, "error.422")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(request, error.status_code, f"error.{error.status_code}", dict(error.headers or {}))


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("database away: %s", type(error).__name__)
    return answer(request, Unavailable.status, "error.503", {"Retry-After": "5"})


async def _unexpected(request: Request, _error: Exception) -> Response:
    return answer(request, 500, "error.500")  # the server's own log has the traceback


def answer(
    request: Request,
    status: int,
    message: str,
    headers: dict[str, str] | None = None,
    *,
    detail: Mapping[str, object] = MappingProxyType({}),
) -> Response:
    words = texts(reader_language(request)).say(message, detail)
    response: Response
    if request.url.path.startswith(API_PATH):
        last_seq = {"last_seq": detail["last_seq"]} if "last_seq" in detail else {}
        problem = {"code": API_CODES.get(status, "error"), "message": words, **last_seq}
        response = JSONResponse({"error": problem}, status_code=status)
    elif not _for_people(request):
        response = JSONResponse({"error": words}, status_code=status)
    elif is_fragment(request):
        response = render(request, "_notice.html", status=status, message=words)
        response.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    else:
        response = render(request, "error.html", status=status, message=words, code=status, back=_back(request))
    response.headers.update(headers or {})
    return response


def _back(request: Request) -> str:
    """The page whose form was refused; empty after anything else."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if request.method != "POST" or came_from.netloc != request.url.netloc:
        return ""
    return "/" + came_from.path.lstrip("/")  # two slashes would lead to another host


def _for_people(request: Request) -> bool:
    if request.url.path.startswith(PROGRAM_PATHS):
        return False
    return "text/html" in request.headers.get("accept", "")


def _to_sign_in(request: Request) -> Response:
    target = "/sign-in"
    if request.method == "GET" and not is_fragment(request) and request.url.path != "/":
        target += f"?next={quote(request.url.path)}"
    if is_fragment(request):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)
