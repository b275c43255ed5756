"""`/api/v1`: JSON for programs that act for a colleague, with the colleague's rights and within a token's scopes."""

from app.web.api import cases, contacts

ROUTERS = (cases.router, contacts.router)
