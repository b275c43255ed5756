"""Every router of the hub, in one list; included by `app.main.create_app`."""

from fastapi import APIRouter

from app.web import (
    abc,
    account,
    admin,
    events,
    health,
    inbox,
    lists,
    media_files,
    presences,
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
    lists.router,  # before the inbox, which takes whatever follows /inbox/ for a case
    inbox.router,
    presences.router,
    media_files.router,
    shared_media.router,
    events.router,
    account.router,
    admin.router,
    public.router,
    abc.router,
    simulator.router,
)
