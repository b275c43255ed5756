"""How a colleague is reached away from these pages: browsers that wake them, the e-mail digest; and the service worker."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app import digests, news, pushing
from app.web.deps import HubDep, StaffDep, Tx
from app.web.devices import device_of
from app.web.static import assets

router = APIRouter(include_in_schema=False)

ICONS = (("icon-192.png", "192x192", "image/png"), ("icon-512.png", "512x512", "image/png"))
WORKER = "js/worker.js"


@router.get("/sw.js")
async def service_worker() -> Response:
    """At the root, because a worker reaches no further than its own folder; never kept, so that updates arrive."""
    asset = assets().find(WORKER)
    assert asset is not None
    return Response(asset.content, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """Lets phones put the hub on the home screen; iPhones allow notifications only from there."""
    icons = [{"src": assets().url(name), "sizes": size, "type": kind} for name, size, kind in ICONS]
    content: dict[str, Any] = {
        "id": "/inbox",
        "name": "Streetwork Hub",
        "short_name": "Hub",
        "start_url": "/inbox",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f8f4ee",
        "theme_color": "#1f5f5b",
        "icons": icons,
    }
    return JSONResponse(content, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@router.post("/account/push")
async def subscribe(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    endpoint: Annotated[str, Form()] = "",
    p256dh: Annotated[str, Form()] = "",
    auth: Annotated[str, Form()] = "",
) -> Response:
    device = device_of(request.headers.get("user-agent", ""))
    await pushing.subscribe(tx, hub.settings, user, pushing.Browser(endpoint, p256dh, auth, device))
    return _done("push_on")


@router.post("/account/push/try")
async def try_out(hub: HubDep, tx: Tx, user: StaffDep) -> Response:
    await news.try_out(hub, tx, user)
    return _done("push_tried")


@router.post("/account/push/{subscription_id}/end")
async def unsubscribe(tx: Tx, user: StaffDep, subscription_id: int) -> Response:
    await pushing.unsubscribe(tx, user, subscription_id)
    return _done("push_off")


@router.post("/account/digest")
async def choose_digest(tx: Tx, user: StaffDep, digest: Annotated[str, Form()] = "") -> Response:
    digests.choose(user, digest)
    return _done("saved")


def _done(what: str) -> Response:
    return RedirectResponse(f"/account?done={what}#reach", status_code=303)
