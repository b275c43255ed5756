"""Every router of the hub, in one list; included by `app.main.create_app`."""

from fastapi import APIRouter

from app.web import (
    abc,
    account,
    account_tokens,
    actions,
    admin,
    admin_audit,
    admin_replies,
    admin_teams,
    api,
    composing,
    events,
    health,
    inbox,
    lists,
    media_files,
    person,
    person_forms,
    presences,
    public,
    second_reader,
    second_step,
    shared_media,
    sharing,
    signin,
    simulator,
    starting,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    webhooks.router,
    health.router,
    signin.router,
    lists.router,  # before the inbox, which takes whatever follows /inbox/ for a case
    starting.router,  # likewise
    second_reader.router,  # and so does this
    inbox.router,
    person.router,
    person_forms.router,
    actions.router,
    composing.router,
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
    admin_replies.router,
    *api.ROUTERS,
    public.router,
    abc.router,
    simulator.router,
)
