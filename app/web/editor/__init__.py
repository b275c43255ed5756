"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import approvals, incoming, overview, pieces, search, versions

ROUTERS: tuple[APIRouter, ...] = (
    overview.router,
    search.router,
    pieces.router,
    versions.router,
    approvals.router,
    incoming.router,
)
