"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import (
    approvals,
    directory,
    directory_service,
    directory_table,
    incoming,
    overview,
    pieces,
    versions,
)

ROUTERS: tuple[APIRouter, ...] = (
    overview.router,
    pieces.router,
    versions.router,
    approvals.router,
    incoming.router,
    directory.router,
    directory_table.router,  # before what takes whatever follows /directory/ for a service
    directory_service.router,
)
