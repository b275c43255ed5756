"""Settings from `STREETWORK_…` environment variables and `.env`; read once at start and passed on."""

from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STREETWORK_", env_file=".env", extra="ignore")

    database_url: str = ""  # empty: the embedded PostgreSQL
    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""  # what providers sign and where their webhooks go
    trusted_proxies: str = ""  # addresses or networks, comma-separated, whose X-Forwarded-* count
    secret_key: str = Field(default="", repr=False)
    demo: bool = False
    default_place: str = ""
    embeddings_dir: Path | None = None  # an encoder of sentences for the understanding (flows.understand.embed)
    translation_memory_mb: int = Field(default=1000, ge=50)  # that loaded translation models may take together
    translation_seconds: float = Field(default=20, gt=0)  # for one text; then it stays untranslated
    log_level: str = "INFO"
    smtp_url: str = Field(default="", repr=False)  # smtp://user:password@host:587
    alert_email: str = ""  # comma-separated
    # Push services of browsers that the hub may call, comma-separated; '*.' stands for any name before it.
    push_hosts: str = "fcm.googleapis.com,*.push.services.mozilla.com,*.notify.windows.com,*.push.apple.com"

    @property
    def packages_dir(self) -> Path:
        """Where translation packages lie."""
        return self.data_dir / "translations"

    @cached_property
    def base_url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
