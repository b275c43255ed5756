"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import flow_texts, flows, overview

ROUTERS: tuple[APIRouter, ...] = (overview.router, flows.router, flow_texts.router)
