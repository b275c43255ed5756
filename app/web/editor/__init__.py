"""Pages of the coordinators' editor, one module a page; what they do is in `app.editor`."""

from fastapi import APIRouter

from app.web.editor import (
    approvals,
    directory,
    directory_service,
    directory_table,
    entries,
    entry,
    examples,
    figures,
    flow_files,
    flow_texts,
    flows,
    gaps,
    incoming,
    overview,
    pieces,
    recording,
    search,
    templates,
    transcripts,
    trying,
    versions,
)

ROUTERS: tuple[APIRouter, ...] = (
    overview.router,
    search.router,
    examples.router,
    gaps.router,
    pieces.router,
    versions.router,
    approvals.router,
    incoming.router,
    directory.router,
    directory_table.router,  # before what takes whatever follows /directory/ for a service
    directory_service.router,
    flows.router,
    flow_texts.router,
    flow_files.router,
    entries.router,
    entry.router,
    recording.router,
    figures.router,
    templates.router,
    transcripts.router,
    trying.router,
)
