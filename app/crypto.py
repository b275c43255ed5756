"""Keys derived from SECRET_KEY: encrypt addresses and channel secrets, hash them for look-ups, sign links.

Rotation: SECRET_KEY may hold several keys, comma-separated; the first encrypts, all decrypt. The look-up hash always
uses the last key (the oldest), so that rows written before a rotation are still found.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.config import Settings
from app.errors import HubError

MIN_KEY_CHARS = 32  # a token of 32 random characters cannot be guessed; shorter ones are mostly words


class WeakSecretKey(HubError):
    """SECRET_KEY is missing or too short to protect anything."""


class WrongSecretKey(HubError):
    """What is stored was encrypted with another SECRET_KEY."""


def _derive(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


class Vault:
    """Encrypts and hashes with keys derived per purpose, so that one leaking use does not open another."""

    def __init__(self, secret_key: str) -> None:
        keys = [part.strip() for part in secret_key.split(",") if part.strip()]
        if not keys or any(len(key) < MIN_KEY_CHARS for key in keys):
            raise WeakSecretKey(
                f"STREETWORK_SECRET_KEY needs at least {MIN_KEY_CHARS} characters; make one with:"
                ' python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(_derive(key, "encrypt"))) for key in keys])
        self._lookup = _derive(keys[-1], "lookup")
        self._sign = [_derive(key, "sign") for key in keys]

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, blob: bytes) -> str:
        try:
            return self._fernet.decrypt(blob).decode()
        except InvalidToken:
            raise WrongSecretKey("The stored data was encrypted with another STREETWORK_SECRET_KEY.") from None

    def lookup(self, *parts: str) -> bytes:
        """A keyed hash to find an encrypted value again; `parts` are joined so that no two lists collide."""
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._lookup, message, hashlib.sha256).digest()

    def sign(self, text: str) -> str:
        return hmac.new(self._sign[0], text.encode(), hashlib.sha256).hexdigest()

    def signed_by_us(self, text: str, signature: str) -> bool:
        given = signature.encode()
        return any(
            hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode(), given)
            for key in self._sign
        )


def open_vault(settings: Settings) -> Vault:
    """The vault of this installation. In demo mode a missing key is made and kept in DATA_DIR; else it is refused."""
    key = settings.secret_key
    if not key:
        path = settings.data_dir / "secret_key"
        if path.exists():
            key = path.read_text().strip()
        elif settings.demo:
            key = _make_key(path)
    return Vault(key)


def _make_key(path: Path) -> str:
    key = secrets.token_urlsafe(48)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x") as file:
        path.chmod(0o600)
        file.write(key)
    return key
