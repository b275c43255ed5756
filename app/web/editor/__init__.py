"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import overview, transcripts, trying

ROUTERS: tuple[APIRouter, ...] = (overview.router, transcripts.router, trying.router)
