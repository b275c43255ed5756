"""Recordings of an entry, one for each language: recorded here or uploaded, listened to, taken away."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from app.editor import recordings
from app.editor.drafts import open_piece
from app.editor.entries import KIND, LANGUAGES
from app.errors import BadInput, Conflict, HubError
from app.web.deps import HubDep, LeadDep, Tx
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import is_fragment, reader_language, render, trigger

router = APIRouter(prefix="/editor", include_in_schema=False)


@router.post("/entries/{topic}/audio")
async def change(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str) -> Response:
    """`do=remove=ro` takes one away; else the file is kept for the chosen language."""
    await open_piece(tx, KIND, topic)
    problem: HubError | None = None
    form = await request.form()
    seen, removed = whole(form.get("seen")) or 0, str(form.get("do", "")).partition("=")[2]
    try:
        async with tx.begin_nested():
            if removed:
                await recordings.remove(hub, tx, user, topic, removed, seen=seen)
            else:
                voice = await recordings.as_voice(await _file(form))
                await recordings.keep(hub, tx, user, topic, str(form.get("language", "")), voice, seen=seen)
    except (BadInput, Conflict) as error:
        problem = error
    finally:
        await form.close()
    if problem is None and not is_fragment(request):
        return RedirectResponse(f"/editor/entries/{topic}?done=saved#audio", status_code=303)
    piece = await open_piece(tx, KIND, topic)
    response = render(
        request,
        "editor/_audio.html" if is_fragment(request) else "editor/audio.html",
        status=200 if is_fragment(request) or problem is None else problem.status,
        piece=piece,
        languages=LANGUAGES,
        problem_audio=texts(reader_language(request)).say(problem.message, problem.detail) if problem else "",
        fresh=problem is None and is_fragment(request),
        seen_audio=seen if problem else piece.revision,
    )
    return response if problem else trigger(response, "sent")


@router.get("/sounds/{name}")
async def listen(tx: Tx, user: LeadDep, name: str) -> Response:
    file = await recordings.sound(tx, name)
    return Response(file.data, media_type=file.mime, headers={"Cache-Control": "private, max-age=86400"})


async def _file(form: FormData) -> bytes:
    for name in ("voice", "file"):
        part = form.get(name)
        if isinstance(part, UploadFile) and part.filename:
            return await part.read()
    raise BadInput("Please record something, or choose a file.")
