"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import directory, directory_service, overview

ROUTERS: tuple[APIRouter, ...] = (overview.router, directory.router, directory_service.router)
