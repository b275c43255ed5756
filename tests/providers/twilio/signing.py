"""How Twilio signs, written from its description and not from its library, which the hub uses."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

Pairs = Sequence[tuple[str, str]]


def sign(auth_token: str, url: str, form: Pairs = ()) -> str:
    """`url` without its fragment, then every name with its distinct values, all in code-point order."""
    parts = [url.split("#", 1)[0]]
    parts += [name + value for name, value in sorted(set(form))]
    digest = hmac.new(auth_token.encode(), "".join(parts).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
