"""The console: where operators see and hear what callers said, and the public front page."""

from __future__ import annotations

from typing import Protocol

from flask import Flask
from sqlalchemy import Engine

from admin.access import Access, init_access
from admin.acting import Voice
from admin.console import admin_blueprint
from admin.public import init_pages, public_blueprint
from admin.sound import Sounds
from models.crypto import Vault
from routing.city import City


class Settings(Protocol):
    """What the console needs of the product's settings."""

    @property
    def base_url(self) -> str: ...  # decides whether cookies are Secure

    @property
    def redis(self) -> str: ...  # where failed log-ins are counted


def init_app(
    app: Flask, *, engine: Engine, vault: Vault, recordings: Sounds, settings: Settings, city: City, voice: Voice
) -> Access:
    """Add the front page at `/tentang`, log-in at `/masuk`, and the console at `/admin/`.

    `app.secret_key` must be set. The first account is made by `admin.access.create_first_account`.
    """
    access = init_access(app, engine, base_url=settings.base_url, limits_url=settings.redis)
    init_pages(app)
    app.register_blueprint(public_blueprint(city))
    app.register_blueprint(admin_blueprint(engine, vault, recordings, city, access, voice))
    return access
