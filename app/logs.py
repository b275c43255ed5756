"""Logging to standard error, one line each, without personal text."""

import logging
import sys
import traceback
from types import TracebackType

NOISY = ("httpx", "httpcore", "telegram", "procrastinate", "uvicorn.access", "alembic", "rust-sugiyama")
"""Libraries whose INFO lines are too many, or name URLs with a bot's token in them."""

OUR_ROOMS = frozenset({"app", "channels", "flows", "translations"})

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """Tracebacks keep their frames, but only our own errors keep their words: a library's may quote what it was given."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have kept the library's words here
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:
        kind, error, trace = ei
        if error is None or kind is None:
            return ""
        return "".join(traceback.format_tb(trace)) + _describe(error)


def _describe(error: BaseException) -> str:
    if type(error).__module__.partition(".")[0] in OUR_ROOMS:
        return f"{type(error).__name__}: {error}"
    code = getattr(getattr(error, "orig", error), "sqlstate", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def set_up_logging(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(QuietFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
