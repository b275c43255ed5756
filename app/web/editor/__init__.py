"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import overview, trying

ROUTERS: tuple[APIRouter, ...] = (overview.router, trying.router)
