"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import entries, entry, figures, overview, recording, templates

ROUTERS: tuple[APIRouter, ...] = (
    overview.router,
    entries.router,
    entry.router,
    recording.router,
    figures.router,
    templates.router,
)
