"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import approvals, examples, gaps, incoming, overview, pieces, versions

ROUTERS: tuple[APIRouter, ...] = (
    overview.router,
    examples.router,
    gaps.router,
    pieces.router,
    versions.router,
    approvals.router,
    incoming.router,
)
