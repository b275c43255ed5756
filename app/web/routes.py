"""Every router of the hub, in one list; included by `app.main.create_app`."""

from fastapi import APIRouter

from app.web import (
    abc,
    account,
    account_tokens,
    actions,
    admin,
    admin_audit,
    admin_teams,
    admin_translations,
    api,
    events,
    health,
    inbox,
    lists,
    media_files,
    presences,
    public,
    second_step,
    shared_media,
    sharing,
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
    actions.router,
    sharing.router,
    presences.router,
    media_files.router,
    shared_media.router,
    events.router,
    account.router,
    account_tokens.router,
    second_step.router,
    admin.router,
    admin_teams.router,
    admin_audit.router,
    admin_translations.router,
    *api.ROUTERS,
    public.router,
    abc.router,
    simulator.router,
)
