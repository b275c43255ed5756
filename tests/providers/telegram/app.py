"""The HTTP side: tokens, parameters in every way the Bot API takes them, faults, downloads."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.providers.telegram.methods import call_method
from tests.providers.telegram.state import ApiError, Call, Fault, Json, State


def make_app(state: State) -> Starlette:
    async def method(request: Request) -> Response:
        return await _answer(state, request)

    async def download(request: Request) -> Response:
        return _download(state, request)

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", download),
        ]
    )


async def _answer(state: State, request: Request) -> Response:
    method = request.path_params["method"]
    try:
        _check_token(state, request)
        parameters = await _parameters(request)
    except ApiError as error:
        return _refusal(error)
    call = Call(method, parameters)
    state.calls.append(call)
    fault = state.take_fault(method, _number(parameters.get("chat_id")))
    response = await _carry_out(state, call) if fault is None else await _go_wrong(state, call, fault)
    call.status = response.status_code
    return response


async def _carry_out(state: State, call: Call) -> Response:
    try:
        result = await call_method(state, call.method, call.parameters)
    except ApiError as error:
        return _refusal(error)
    await state.notify()
    return JSONResponse({"ok": True, "result": result})


async def _go_wrong(state: State, call: Call, fault: Fault) -> Response:
    if fault.accept or fault.garbage:
        response = await _carry_out(state, call)
        if response.status_code != 200:
            return response
    if fault.hang:
        await state.closing.wait()
    if fault.garbage:
        return Response("<html>It works</html>")
    if fault.retry_after is not None:
        words = f"Too Many Requests: retry after {fault.retry_after}"
        return _refusal(ApiError(429, words, {"retry_after": fault.retry_after}))
    if fault.json:
        return _refusal(ApiError(fault.status, fault.description))
    return Response(f"<html><title>{fault.status}</title></html>", fault.status, media_type="text/html")


def _check_token(state: State, request: Request) -> None:
    token = request.path_params["token"]
    if ":" not in token:
        raise ApiError(404, "Not Found")
    if token != state.token:
        raise ApiError(401, "Unauthorized")


async def _parameters(request: Request) -> Json:
    """Query, form, multipart and JSON, as the Bot API takes them; an upload becomes (name, content)."""
    parameters: Json = dict(request.query_params)
    if "application/json" in request.headers.get("content-type", ""):
        body = json.loads(await request.body())
        return parameters | (body if isinstance(body, dict) else {})
    async with request.form() as form:
        for name, value in form.items():
            parameters[name] = (value.filename or "", await value.read()) if isinstance(value, UploadFile) else value
    return parameters


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _refusal(error: ApiError) -> Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return JSONResponse(body, error.code)


def _download(state: State, request: Request) -> Response:
    path = request.path_params["path"]
    file = next((file for file in state.files.values() if file.path == path), None)
    if request.path_params["token"] != state.token or file is None or file.fault == "missing":
        return _refusal(ApiError(404, "Not Found"))
    if file.fault == "redirect":
        return RedirectResponse(file.redirect_to)
    if file.fault == "broken":
        return Response("Bad Gateway", 502)
    if file.fault == "slow":
        return StreamingResponse(_dripping(state, file.content), media_type="application/octet-stream")
    return Response(file.content, media_type="application/octet-stream")


async def _dripping(state: State, content: bytes) -> AsyncIterator[bytes]:
    for start in range(len(content)):
        if state.closing.is_set():
            return
        yield content[start : start + 1]
        await asyncio.sleep(0.02)
