"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import examples, gaps, overview

ROUTERS: tuple[APIRouter, ...] = (overview.router, examples.router, gaps.router)
