"""A picture or recording that a step sends before its words, uploaded for one language."""

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app import canned_files
from app.editor import flow_desk
from app.editor.drafts import Data
from app.editor.flow_desk import Overtaken, Seen
from app.errors import BadInput
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.flows import back, node_page
from app.web.filetypes import plain_mime
from channels.base import MediaFile
from flows.dialogue import editing
from flows.dialogue.editing import CannotEdit, Edited
from flows.dialogue.exits import nodes_of
from flows.model import ANSWER_LANGUAGES

router = APIRouter(prefix="/editor/flows", include_in_schema=False)


@router.post("/{slug}/nodes/{node}/file")
async def file_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str, node: str) -> Response:
    """The file is content at once, and nobody is sent it before the flow that names it is live."""
    async with request.form() as form:  # leaving it closes the file
        seen, language, part = str(form.get("seen", "")), str(form.get("language", "")), form.get("file")
        file = None
        if isinstance(part, UploadFile) and part.filename:
            file = MediaFile(await part.read(), plain_mime(part.content_type), part.filename)
    try:
        what = file.mime.partition("/")[0] if file else ""
        if file is None or what not in ("image", "audio") or language not in ANSWER_LANGUAGES:
            raise BadInput("Choose a picture or a recording.")
        async with tx.begin_nested():
            await canned_files.lock(tx, user)
            (name,) = await canned_files.add(tx, user, [file])
            await flow_desk.change(
                hub, tx, user, slug, lambda data: _with_file(data, node, what, language, name), seen=Seen.parse(seen)
            )
    except Overtaken:
        return back(slug, node, "meanwhile")
    except BadInput as error:
        return await node_page(request, hub, tx, slug, node, error=error)
    return back(slug, node, "saved")


def _with_file(data: Data, node: str, what: str, language: str, name: str) -> Edited:
    found = nodes_of(data).get(node, {})
    if found.get("kind") != "say":
        raise CannotEdit("The step {name} does not exist any more.", name=node)
    return editing.change(data, node, {**found, what: {**(found.get(what) or {}), language: name}})
