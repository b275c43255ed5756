"""What people and providers reach over HTTP. `app.main` wires it with `setup` and `app.web.routes.ROUTERS`."""

from fastapi import FastAPI

from app.web import errors, security, static


def setup(app: FastAPI) -> None:
    static.add(app)
    errors.add_handlers(app)
    security.add(app)
