"""A push service on loopback, by https: keeps what it is given, as those of browsers do, and answers what a test says."""

import asyncio
import base64
import contextlib
import datetime
import ipaddress
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import Response

from tests.providers.serving import Uvicorn, listen


@dataclass
class Phone:
    """The keys of a browser, with which it alone reads what was pushed."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> str:
        form = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(self.private.public_key().public_bytes(*form)).rstrip(b"=").decode()

    @property
    def auth(self) -> str:
        return base64.urlsafe_b64encode(self.secret).rstrip(b"=").decode()

    def read(self, body: bytes) -> bytes:
        read: bytes = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        return read


@dataclass
class PushService:
    endpoint: str
    answers: list[int] = field(default_factory=list)  # what it says to the next ones, before 201 again
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.received.append((dict(request.headers), await request.body()))
        await Response(status_code=self.answers.pop(0) if self.answers else 201)(scope, receive, send)


@contextlib.asynccontextmanager
async def push_service(folder: Path) -> AsyncIterator[PushService]:
    """Its certificate is in `folder / "push.pem"`: who wants to call it must trust that."""
    certificate, key = _certificate(folder)
    service = PushService("")
    config = uvicorn.Config(
        service, log_config=None, lifespan="off", ssl_certfile=certificate, ssl_keyfile=key, access_log=False
    )
    listener = listen(0)
    service.endpoint = f"https://localhost:{listener.getsockname()[1]}/send/abc"
    server = Uvicorn(config)
    serving = asyncio.create_task(server.serve([listener]))
    await server.ready.wait()
    try:
        yield service
    finally:
        server.should_exit = True
        await serving


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "push.pem", folder / "push.key"
    pem = serialization.Encoding.PEM
    certificate.write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return certificate, private
