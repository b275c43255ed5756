"""The hub's error tree, each with its HTTP status. Messages are for the person who reads them; never personal text.

HubError 500
├── BadInput 422
├── NotSignedIn 401
├── NotAllowed 403
├── NotFound 404
├── Conflict 409        somebody else was faster, or the conversation moved
├── TooManyTries 429
└── Unavailable 503     the database is away
"""


class HubError(Exception):
    status = 500

    def __init__(self, message: str = "", **detail: object) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class BadInput(HubError):
    status = 422


class NotSignedIn(HubError):
    status = 401


class NotAllowed(HubError):
    status = 403


class NotFound(HubError):
    status = 404


class Conflict(HubError):
    status = 409


class TooManyTries(HubError):
    status = 429


class Unavailable(HubError):
    status = 503
