"""The HTTP side: token, JSON and uploads, faults, downloads."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.providers.whatsapp import graph
from tests.providers.whatsapp.sending import accept
from tests.providers.whatsapp.state import WABA_ID, ApiError, Call, Fault, Json, Sent, State

Accepted = Callable[[Sent], Awaitable[None]]


def make_app(state: State, accepted: Accepted) -> Starlette:
    """`accepted` is told of every message before the call is answered."""

    async def answer(request: Request) -> Response:
        return await _answer(state, accepted, request)

    async def download(request: Request) -> Response:
        return _download(state, request)

    return Starlette(
        routes=[
            Route("/whatsapp_business/attachments/", download),
            Route("/{version}/{path:path}", answer, methods=["GET", "POST"]),
        ]
    )


async def _answer(state: State, accepted: Accepted, request: Request) -> Response:
    call = Call(request.method, f"/{request.path_params['path']}", await _body(request), dict(request.query_params))
    state.calls.append(call)
    to = str(call.body.get("to") or call.body.get("recipient") or "")
    fault = state.take_fault(call.path, to)
    if fault is None:
        response = await _carry_out(state, accepted, request, call)
    else:
        response = await _go_wrong(state, accepted, request, call, fault)
    call.status = response.status_code
    return response


async def _carry_out(state: State, accepted: Accepted, request: Request, call: Call) -> Response:
    try:
        graph.check_token(state, request.headers.get("authorization", ""))
        graph.check_proof(state, request.query_params.get("appsecret_proof"))
        return JSONResponse(await _result(state, accepted, call))
    except ApiError as error:
        return JSONResponse(error.describe(), error.status)
    except (KeyError, TypeError, AttributeError, ValueError):
        return JSONResponse(ApiError(400, 100, "Invalid parameter").describe(), 400)


async def _result(state: State, accepted: Accepted, call: Call) -> object:
    owner, _, edge = call.path.strip("/").partition("/")
    if call.method == "POST" and not owner:
        return graph.batch(state, call.body["batch"])
    if owner == WABA_ID:
        return _account(state, call, edge)
    if call.method == "GET" and not edge and owner not in state.numbers and owner in state.files:
        return graph.about_file(state, owner, call.query.get("phone_number_id"))
    number = graph.number_of(state, owner)
    if call.method == "GET":
        return graph.about_number(state, number, call.query.get("fields", ""))
    if edge == "media":
        return graph.store_upload(state, number, call.body)
    if call.body.get("status") == "read":
        return _mark(state, call.body)
    sent = accept(state, number, call.body)
    await accepted(sent)
    contact = {"input": sent.to, **({"wa_id": sent.to} if sent.to.isdecimal() else {"user_id": sent.to})}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": sent.id}]}


def _account(state: State, call: Call, edge: str) -> Json:
    if edge == "message_templates":
        return graph.message_templates(state, call.query.get("after"))
    if call.method == "POST":
        state.subscribed = True
        return {"success": True}
    return graph.subscribed_apps(state)


def _mark(state: State, body: Json) -> Json:
    if body["message_id"] not in state.messages:
        raise ApiError(400, 100, "Invalid parameter", details="Message ID is invalid or does not exist")
    state.read_marks.append(body)
    return {"success": True}


async def _go_wrong(state: State, accepted: Accepted, request: Request, call: Call, fault: Fault) -> Response:
    if fault.accept or fault.garbage:
        response = await _carry_out(state, accepted, request, call)
        if response.status_code != 200:
            return response
    if fault.hang:
        await state.closing.wait()
    if fault.garbage:
        return Response("<html>It works</html>")
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after is not None else {}
    if fault.code is None:
        return Response(f"<html>{fault.status}</html>", fault.status, headers=headers, media_type="text/html")
    error = ApiError(fault.status, fault.code, fault.message, subcode=fault.subcode)
    return JSONResponse(error.describe(), fault.status, headers=headers)


async def _body(request: Request) -> Json:
    """JSON or a form; an upload becomes (name, content, type)."""
    if "application/json" in request.headers.get("content-type", ""):
        body = json.loads(await request.body())
        return body if isinstance(body, dict) else {}
    values: Json = {}
    async with request.form() as form:
        for name, value in form.items():
            if isinstance(value, UploadFile):
                values[name] = (value.filename or "", await value.read(), value.content_type or "")
            else:
                values[name] = value
    return values


def _download(state: State, request: Request) -> Response:
    file = state.files.get(request.query_params.get("mid", ""))
    if request.headers.get("authorization") != f"Bearer {state.token}":
        return Response(status_code=401)
    if file is None:
        return Response(status_code=404)
    if file.expired > 0:
        file.expired -= 1
        return Response(status_code=404)
    if file.fault == "redirect":
        return RedirectResponse(file.redirect_to)
    if file.fault == "broken":
        return Response("Bad Gateway", 502)
    if file.fault == "slow":
        return StreamingResponse(_dripping(state, file.content), media_type=file.mime)
    return Response(file.content, media_type=file.mime)


async def _dripping(state: State, content: bytes) -> AsyncIterator[bytes]:
    for start in range(len(content)):
        if state.closing.is_set():
            return
        yield content[start : start + 1]
        await asyncio.sleep(0.02)
