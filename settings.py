"""The only reader of the environment. Safe local defaults; all mistakes are listed together.

Secrets come from the environment or from `var/secrets.env`, which is generated with mode 0600.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent


class BadSettings(Exception):
    """Some settings are wrong; the message lists every one of them, a line each, with how to mend it."""


class Settings(BaseSettings):
    """Every setting of the product. Names in the environment are these, in capitals."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    var_dir: Path = Field(ROOT / "var", description="where everything that changes is kept")
    city: str = Field("tangerang", description="folder under cities/")
    cities_dir: Path = Field(ROOT / "cities", description="where the cities' data are")
    database_url: str = Field("", description="SQLAlchemy URL; empty: a SQLite file under VAR_DIR")
    redis_url: str = Field("", description="empty: a private Redis on a socket under VAR_DIR")
    host: str = Field("127.0.0.1", description="address that the web server listens on")
    port: int = Field(8000, ge=1, le=65535, description="port of the web server")
    public_url: str = Field("", description="https://... as Twilio reaches us; empty: http://HOST:PORT")
    proxies: int = Field(0, ge=0, le=5, description="reverse proxies in front, whose X-Forwarded-For is believed")
    max_calls: int = Field(20, ge=1, le=500, description="live calls of one web process; more get keys and recording")
    max_widgets: int = Field(50, ge=1, le=500, description="live conversations in browsers, apart from max_calls")
    widget_hosts: str = Field("", description="origins that may embed the widget (https://...), comma between")
    model_dir: Path = Field(ROOT / "speech" / "model", description="acoustic model and base vocabulary")
    vosk_model_dir: Path | None = Field(None, description="a complete Vosk model of the city's own, used as it is")
    emergency_number: str = Field("", description="control room, for emergencies; empty: the city's own file")
    operator_number: str = Field("", description="a person to talk to; empty: the city's own file")
    twilio_account_sid: str = Field("AC" + "0" * 32, description="account whose calls are taken")
    twilio_auth_token: str = Field("", description="signs every request of Twilio; generated when empty")
    twilio_number: str = Field("", description="our number (+...), for call-backs and text messages; empty: none")
    twilio_whatsapp: str = Field("", description="our WhatsApp number (+...) at Twilio; empty: none")
    smtp_url: str = Field("", description="smtp://USER:PASSWORD@HOST for letters to officials; empty: none")
    mail_from: str = Field("", description="address that letters come from")
    metrics_token: str = Field("", description="lets other machines read /metrics; empty: only this one")
    secret_key: str = ""
    data_keys: str = Field("", description="Fernet keys, newest first, comma between")
    lookup_key: str = ""
    call_lost_s: float = Field(150, ge=6, description="seconds after which a call without a sign of life is repaired")
    case_late_s: float = Field(15, ge=0, description="seconds after which an undelivered case is taken up again")
    sweep_s: int = Field(60, ge=1, description="seconds between two looks for what was lost")
    log_level: str = "INFO"

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("must begin with https:// (Twilio and callers' words must not travel open)")
        return value.rstrip("/")

    @field_validator("widget_hosts")
    @classmethod
    def _widget_hosts(cls, value: str) -> str:
        for origin in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?|http://(localhost|127\.0\.0\.1)(:[0-9]+)?", origin):
                raise ValueError("must be origins such as https://www.example.go.id, without a path, comma between")
        return value

    @field_validator("twilio_number", "twilio_whatsapp")
    @classmethod
    def _number(cls, value: str) -> str:
        if value and not re.fullmatch(r"\+[1-9][0-9]{6,14}", value):
            raise ValueError("must be a number in international form, such as +622155000000")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, value: str) -> str:
        if value and not re.match(r"smtps?://[^/]+$", value):
            raise ValueError("must be smtp://USER:PASSWORD@HOST:PORT or smtps://...")
        return value

    @field_validator("log_level")
    @classmethod
    def _log_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("data_keys")
    @classmethod
    def _data_keys(cls, value: str) -> str:
        try:
            for key in filter(None, map(str.strip, value.split(","))):
                Fernet(key)
        except ValueError as error:
            raise ValueError("must be Fernet keys (32 bytes, url-safe base64), comma between, newest first") from error
        return value

    @property
    def base_url(self) -> str:
        """The one public URL that signatures are checked against, without a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var_dir / 'suara-warga.db'}"

    @property
    def redis(self) -> str:
        return self.redis_url or f"unix://{self.var_dir / 'run' / 'redis.sock'}"

    @property
    def city_dir(self) -> Path:
        return self.cities_dir / self.city

    @property
    def hosts(self) -> list[str]:
        """Origins that may embed the widget."""
        return [host.strip() for host in self.widget_hosts.split(",") if host.strip()]

    @property
    def keys(self) -> list[str]:
        return [key.strip() for key in self.data_keys.split(",") if key.strip()]


GENERATED: dict[str, Callable[[], str]] = {
    "TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    "SECRET_KEY": lambda: secrets.token_urlsafe(32),
    "DATA_KEYS": lambda: Fernet.generate_key().decode(),
    "LOOKUP_KEY": lambda: secrets.token_urlsafe(32),
}
MAY_HOLD_SECRETS = ("DATABASE_URL", "REDIS_URL", "METRICS_TOKEN", "SMTP_URL")


def load_settings() -> Settings:
    """Settings from the environment, with the secrets that it lacks from `var/secrets.env`.

    Raises:
        BadSettings: listing every mistake.
    """
    try:
        settings = Settings()
        return settings.model_copy(update=_secrets(settings))
    except ValidationError as error:
        raise BadSettings("\n".join(_mistake(e) for e in error.errors())) from None  # the cause shows all values


def local_url(settings: Settings) -> str:
    """Where the web server is reached from this machine itself."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}"


def named_secret(settings: Settings, name: str) -> str:
    """A secret that the city's data name (a key for an agency's system); empty when there is none.

    From the environment, else from `var/secrets.env`. Names of our own settings are not given away under another.
    """
    if name.lower() in Settings.model_fields:
        return ""
    return os.environ.get(name) or _kept(settings).get(name, "")


def _kept(settings: Settings) -> dict[str, str]:
    """What `var/secrets.env` holds."""
    path = settings.var_dir / "secrets.env"
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _mistake(error: ErrorDetails) -> str:
    """One line about a wrong setting; what may be a secret, or hold one, is not shown."""
    name = ".".join(map(str, error["loc"])).upper()
    shown = "" if name in (*GENERATED, *MAY_HOLD_SECRETS) else f" (got {error['input']!r})"
    return f"{name}: {error['msg'].removeprefix('Value error, ')}{shown}"


def _secrets(settings: Settings) -> dict[str, str]:
    """What the environment lacks, from the file; what the file lacks, made now."""
    lacking = [name for name in GENERATED if not getattr(settings, name.lower())]
    if not lacking:
        return {}
    path = settings.var_dir / "secrets.env"
    kept = _kept(settings)
    new = {name: GENERATED[name]() for name in lacking if not kept.get(name)}
    if new:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)
        with path.open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in new.items())
    return {name.lower(): kept.get(name) or new[name] for name in lacking}
