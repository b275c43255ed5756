"""How the desk behaves for one colleague: colours, shortcuts, sound. Kept with the account, so on every device."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from app.errors import BadInput
from app.web.deps import StaffDep, Tx
from app.web.pages import THEMES

router = APIRouter(prefix="/account", include_in_schema=False)


@router.post("/desk")
async def set_desk(
    user: StaffDep,
    tx: Tx,
    theme: Annotated[str, Form()] = "system",
    shortcuts: Annotated[str, Form()] = "",
    sound: Annotated[str, Form()] = "",
) -> Response:
    user.options = user.options | {"theme": _checked(theme), "shortcuts": bool(shortcuts), "sound": bool(sound)}
    return RedirectResponse("/account?done=saved", status_code=303)


@router.post("/theme")
async def set_theme(user: StaffDep, tx: Tx, theme: Annotated[str, Form()] = "") -> Response:
    """For the palette, whose page changes its colours itself."""
    user.options = user.options | {"theme": _checked(theme)}
    return Response(status_code=204)


def _checked(theme: str) -> str:
    if theme not in THEMES:
        raise BadInput("There are no such colours.")
    return theme
