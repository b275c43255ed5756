"""The composer's form: what its writer wants, read once, and shown again where it could not be sent."""

import re
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from app.answering import Wish
from app.errors import BadInput
from app.inbox import Thread
from app.translating import Made, Wanted
from app.web.filetypes import SENDABLE, plain_mime
from app.web.numbers import whole
from app.web.threads import Row, words_of
from app.web.translating import read_wanted
from app.web.voices import read_voice
from channels.base import MediaFile

KEPT_ID = re.compile(r"[0-9]{1,18}")
READY_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as its writer left it: to which conversation, having seen what, and what stands in its way."""

    text: str = ""
    conversation_id: int = 0
    seen_seq: int = 0
    files: tuple[MediaFile, ...] = ()
    speaks: bool = False  # one of the files is a voice message
    kept: tuple[int, ...] = ()  # files of replies that came back unsent, to go with this one
    kept_shown: tuple[int, ...] = ()  # of these its writer chose
    ready: tuple[str, ...] = ()  # files that came with canned replies
    send_at: str = ""  # as the form has it; empty: now
    wish: Wish = field(default_factory=Wish)
    problem: str = ""
    may_go_on: bool = False  # the problem is a colleague who has begun to answer
    news: tuple[Row, ...] = ()
    open: tuple[str, ...] = ()  # places in the text that are known to stand empty: a second press sends it so
    quote: int | None = None  # the message that it answers
    quoted: str = ""
    wanted: Wanted | None = None  # its translation; None: as the desk has it
    made: Made | None = None  # what the machine has just made of it
    looks: bool = False  # at the translation first
    checks: bool = False  # a mediator, before it is sent
    translation: str = ""  # what is wrong with it


async def read_draft(request: Request) -> Draft:
    """Raises BadInput for files that can't be sent."""
    form = await request.form()
    conversation_id, seen_seq = target(str(form.get("to", "")))
    parts, spoken = _uploads(form, "files"), _uploads(form, "voice")
    try:
        files = [await _read_file(part) for part in parts] + [await read_voice(part) for part in spoken]
    finally:
        await form.close()
    return Draft(
        text=str(form.get("text", "")),
        conversation_id=conversation_id,
        seen_seq=seen_seq,
        files=tuple(files),
        speaks=bool(spoken),
        kept=_ids(form, "kept"),
        kept_shown=_ids(form, "kept_shown"),
        ready=ready(form),
        send_at=str(form.get("send_at", "")),
        open=tuple(str(each) for each in form.getlist("open")),
        quote=whole(form.get("quote")),
        wish=wish(form),
        wanted=read_wanted(form),
        looks=bool(form.get("look")),
        checks=bool(form.get("check")),
    )


def kept_draft(text: str, quote: int | None, found: Thread) -> Draft:
    """As it lies on the server."""
    return Draft(text=text, quote=quote, quoted=words_of(found, quote))


def _ids(form: FormData, name: str) -> tuple[int, ...]:
    return tuple(int(each) for each in form.getlist(name) if isinstance(each, str) and KEPT_ID.fullmatch(each))


def wish(form: FormData) -> Wish:
    return Wish(despite=bool(form.get("despite")), at_once=bool(form.get("at_once")))


def ready(form: FormData) -> tuple[str, ...]:
    """Names of content files, each once."""
    names = (str(name) for name in form.getlist("ready"))
    return tuple(dict.fromkeys(name for name in names if READY_NAME.fullmatch(name)))


def _uploads(form: FormData, name: str) -> list[UploadFile]:
    return [part for part in form.getlist(name) if isinstance(part, UploadFile) and part.filename]


async def _read_file(part: UploadFile) -> MediaFile:
    mime = plain_mime(part.content_type)
    if mime not in SENDABLE:
        raise BadInput("This kind of file can't be sent: only pictures, PDF, audio and MP4 video.")
    return MediaFile(await part.read(), mime, part.filename)


def target(to: str) -> tuple[int, int]:
    """The form's choice '<conversation>:<last message seen>'."""
    conversation_id, _, seen = to.partition(":")
    if not (conversation_id.isdecimal() and seen.isdecimal()) or len(to) > 30:
        return 0, 0
    return int(conversation_id), int(seen)
