"""The HTTP side: credentials, the resources, faults, downloads."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.providers.twilio.messages import create_message, list_messages
from tests.providers.twilio.state import ApiError, Call, Fault, File, Json, Number, State

if TYPE_CHECKING:
    from tests.providers.twilio.server import TwilioServer

Handler = Callable[["TwilioServer", Request, Call], Awaitable[Response]]
_ACCOUNT = "/2010-04-01/Accounts/{account}"


def make_app(server: "TwilioServer") -> Starlette:
    async def call(request: Request, handler: Handler) -> Response:
        parameters = list(request.query_params.multi_items())
        if request.method == "POST":
            async with request.form() as form:
                parameters = [(name, str(value)) for name, value in form.multi_items()]
        one = Call(request.method, request.url.path, parameters)
        server.state.calls.append(one)
        fault = server.state.take_fault(request.method, one.path, one.get("To"))
        response = await _answer(server, request, one, handler, fault)
        one.status = response.status_code
        return response

    def route(path: str, handler: Handler, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            return await call(request, handler)

        return Route(path, endpoint, methods=[method])

    return Starlette(
        routes=[
            route(f"{_ACCOUNT}.json", _account),
            route(f"{_ACCOUNT}/Messages.json", _create, "POST"),
            route(f"{_ACCOUNT}/Messages.json", _list),
            route(f"{_ACCOUNT}/Messages/{{sid}}.json", _message),
            route(f"{_ACCOUNT}/Messages/{{sid}}/Media.json", _media),
            route(f"{_ACCOUNT}/Messages/{{sid}}/Media/{{file}}", _download),
            route(f"{_ACCOUNT}/IncomingPhoneNumbers.json", _numbers),
            route(f"{_ACCOUNT}/IncomingPhoneNumbers/{{sid}}.json", _change_number, "POST"),
            route("/v1/Services/{sid}", _service),
            route("/v2/Channels/Senders", _senders),
        ]
    )


async def _answer(
    server: "TwilioServer", request: Request, call: Call, handler: Handler, fault: Fault | None
) -> Response:
    try:
        _check_credentials(server.state, request)
        if fault is None:
            return await handler(server, request, call)
        if fault.accept or fault.garbage:
            await handler(server, request, call)
    except ApiError as error:
        return _refusal(error.status, error.code, error.message)
    return await _go_wrong(server.state, request, fault)


async def _go_wrong(state: State, request: Request, fault: Fault) -> Response:
    if fault.hang:
        await state.closing.wait()
    if fault.reset:
        request.receive.__self__.transport.abort()  # type: ignore[attr-defined]  # uvicorn's cycle
        return Response()
    if fault.garbage:
        return Response("<html>It works</html>", 201)
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    if fault.code is not None:
        return _refusal(fault.status, fault.code, "As the test wished for +491510000001", headers)
    return Response(f"<html><title>{fault.status}</title></html>", fault.status, headers, "text/html")


def _refusal(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status, headers)


def _check_credentials(state: State, request: Request) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = base64.b64encode(f"{state.account}:{state.token}".encode()).decode()
    if scheme.lower() != "basic" or given != wanted:
        raise ApiError(401, 20003, "Authenticate")
    if request.path_params.get("account", state.account) != state.account:
        raise ApiError(404, 20404, "The requested resource was not found")


async def _account(server: "TwilioServer", request: Request, call: Call) -> Response:
    state = server.state
    kind, status = "Trial" if state.trial else "Full", "active" if state.active else "suspended"
    return JSONResponse({"sid": state.account, "friendly_name": "Streetwork", "type": kind, "status": status})


async def _create(server: "TwilioServer", request: Request, call: Call) -> Response:
    record = create_message(server.state, call)
    await server.took(record)
    return JSONResponse(record.describe(server.state.account), 201)


async def _list(server: "TwilioServer", request: Request, call: Call) -> Response:
    return JSONResponse(list_messages(server.state, dict(call.parameters)))


async def _message(server: "TwilioServer", request: Request, call: Call) -> Response:
    return JSONResponse(server.state.record(request.path_params["sid"]).describe(server.state.account))


async def _media(server: "TwilioServer", request: Request, call: Call) -> Response:
    record = server.state.record(request.path_params["sid"])
    base = f"/2010-04-01/Accounts/{server.state.account}/Messages/{record.sid}/Media"
    files = [
        {"sid": file.sid, "parent_sid": record.sid, "content_type": file.mime, "uri": f"{base}/{file.sid}.json"}
        for file in record.files
    ]
    return JSONResponse({"media_list": files, "page": 0, "page_size": 50, "uri": base, "next_page_uri": None})


async def _numbers(server: "TwilioServer", request: Request, call: Call) -> Response:
    wanted = call.get("PhoneNumber") or ""
    found = [one for one in server.state.numbers.values() if not one.whatsapp and wanted in one.number]
    numbers = [_describe_number(one) for one in found]
    return JSONResponse({"incoming_phone_numbers": numbers, "page": 0, "page_size": 50, "next_page_uri": None})


async def _change_number(server: "TwilioServer", request: Request, call: Call) -> Response:
    sid = request.path_params["sid"]
    number = next((one for one in server.state.numbers.values() if one.sid == sid), None)
    if number is None:
        raise ApiError(404, 20404, "The requested resource was not found")
    number.url = call.get("SmsUrl") or number.url
    number.method = call.get("SmsMethod") or number.method
    return JSONResponse(_describe_number(number))


def _describe_number(number: Number) -> Json:
    return {
        "sid": number.sid, "phone_number": number.number, "sms_url": number.url, "sms_method": number.method,
        "sms_application_sid": number.app_sid, "capabilities": {"sms": number.can_sms, "mms": False, "voice": True},
    }  # fmt: skip


async def _service(server: "TwilioServer", request: Request, call: Call) -> Response:
    service = server.state.services.get(request.path_params["sid"])
    if service is None:
        raise ApiError(404, 20404, "The requested resource was not found")
    return JSONResponse(
        {
            "sid": service.sid,
            "friendly_name": "Streetwork",
            "inbound_request_url": service.url or None,
            "use_inbound_webhook_on_number": service.numbers_decide,
        }
    )


async def _senders(server: "TwilioServer", request: Request, call: Call) -> Response:
    senders = [
        {
            "sid": one.sid,
            "sender_id": one.number,
            "status": "ONLINE" if one.online else "OFFLINE",
            "webhook": {"callback_url": one.url, "callback_method": one.method},
        }
        for one in server.state.numbers.values()
        if one.whatsapp
    ]
    meta = {"key": "senders", "page": 0, "page_size": 50, "next_page_url": None, "previous_page_url": None}
    return JSONResponse({"senders": senders, "meta": meta})


async def _download(server: "TwilioServer", request: Request, call: Call) -> Response:
    file = server.state.files.get(request.path_params["file"])
    if file is None or file.fault == "missing":
        raise ApiError(404, 20404, "The requested resource was not found")
    if file.fault == "redirect":
        return RedirectResponse(file.redirect_to)
    if file.fault == "broken":
        return Response("Bad Gateway", 502)
    if file.fault == "slow":
        return StreamingResponse(_dripping(server.state, file), media_type=file.mime)
    headers = {"content-disposition": f'inline; filename="{file.name}"'} if file.name else {}
    return Response(file.content, 200, headers, file.mime)


async def _dripping(state: State, file: File) -> AsyncIterator[bytes]:
    for start in range(len(file.content)):
        if state.closing.is_set():
            return
        yield file.content[start : start + 1]
        await asyncio.sleep(0.02)
