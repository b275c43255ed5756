"""Every router of the hub, in one list; included by `app.main.create_app`."""

from fastapi import APIRouter

from app.web import (
    abc,
    account,
    actions,
    admin,
    events,
    health,
    inbox,
    media_files,
    public,
    shared_media,
    signin,
    simulator,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    webhooks.router,
    health.router,
    signin.router,
    inbox.router,
    actions.router,
    media_files.router,
    shared_media.router,
    events.router,
    account.router,
    admin.router,
    public.router,
    abc.router,
    simulator.router,
)
