"""Who may enter: log-in, sessions, roles, the guard against guessed passwords, and the headers of every page.

Nobody can register; accounts are made by `create_first_account` and `add_account`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from argon2 import PasswordHasher
from flask import Flask, Response, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import (
    LoginForm,
    Security,
    SQLAlchemySessionUserDatastore,
    auth_required,
    current_user,
    logout_user,
    roles_accepted,
    user_authenticated,
)
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import DataRequired

from admin.wording import LOGIN_MESSAGES
from models.accounts import Account, Role
from models.base import utcnow
from models.db import reading

ROLES = {"operator": "Petugas ruang kendali", "officer": "Petugas dinas", "administrator": "Administrator"}
IDLE = dt.timedelta(hours=2)  # a console that nobody touches; half a shift's pause and some
LONGEST_S = 12 * 3600  # the longest shift; then the password again, however busy
# Wrong passwords, not log-ins, are counted. The account's own limit stops guessing from many addresses.
LIMIT_BOTH, LIMIT_ADDRESS, LIMIT_ACCOUNT = "5 per minute", "30 per minute", "50 per hour"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "media-src": "'self' blob:",  # blob: what was just recorded, before it is sent
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

log = structlog.get_logger(__name__)


class ConsoleLogin(LoginForm):
    """Flask-Security's form in our words; it keeps nobody logged in beyond the session."""

    # Looked up, not written to: it need not be an address that mail reaches.
    email = EmailField("Alamat email", validators=[DataRequired()])
    password = PasswordField("Kata sandi", validators=[DataRequired()])
    remember = None
    submit = SubmitField("Masuk")


@dataclass(frozen=True)
class Access:
    """What was set up, for routes that need it."""

    security: Any
    csrf: Any
    limiter: Limiter

    def guard(self) -> ResponseReturnValue | None:
        """For `before_request`: lets people with a role through; forms only with their token."""
        response: ResponseReturnValue | None = auth_required("session")(lambda: None)()
        if response is not None:
            return response
        if time.time() - session.get("fs_paa", 0) > LONGEST_S:
            logout_user()
            return auth_required("session")(lambda: None)()  # type: ignore[no-any-return]
        session.permanent = True  # expires after IDLE without a request
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            self.csrf.protect()
        return roles_accepted(*ROLES)(lambda: None)()  # type: ignore[no-any-return]


def init_access(app: Flask, engine: Engine, *, base_url: str, limits_url: str = "memory://") -> Access:
    """Set up log-in at `/masuk`, log-out at `/keluar`, sessions and headers. `app.secret_key` must be set.

    Args:
        base_url: as browsers see us; cookies are Secure unless it is plain http on this machine.
        limits_url: Redis that counts failed log-ins for all processes; if it is away, each counts by itself.
    """
    secure = not _is_plain_local(base_url)
    app.config.update(_configuration(secure))
    Talisman(
        app,
        force_https=False,  # the proxy's work: Twilio and the health page must not be sent elsewhere
        session_cookie_secure=secure,
        content_security_policy=POLICY,
        frame_options="DENY",
        referrer_policy="same-origin",
        permissions_policy={"camera": "()", "microphone": "(self)", "geolocation": "()"},
    )
    csrf = CSRFProtect(app)
    sessions = scoped_session(sessionmaker(reading(engine)))
    app.teardown_appcontext(lambda _error: sessions.remove())
    security = Security(app, SQLAlchemySessionUserDatastore(sessions, Account, Role), login_form=ConsoleLogin)
    user_authenticated.connect(_track(engine), app, weak=False)
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=limits_url.replace("unix://", "redis+unix://", 1) if limits_url.startswith("unix:") else limits_url,
        storage_options={} if limits_url.startswith("memory") else {"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
        headers_enabled=True,
    )
    app.view_functions["security.login"] = _limited(limiter, app.view_functions["security.login"])
    return Access(security, csrf, limiter)


def _is_plain_local(base_url: str) -> bool:
    parts = urlsplit(base_url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104


def _configuration(secure: bool) -> dict[str, Any]:
    messages = {f"SECURITY_MSG_{name}": message for name, message in LOGIN_MESSAGES.items()}
    return messages | {
        "SESSION_COOKIE_NAME": "__Host-suara-warga" if secure else "suara-warga",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": IDLE,
        "WTF_CSRF_CHECK_DEFAULT": False,  # webhooks have no session; the console's guard checks all of its forms
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_LOGIN_URL": "/masuk",
        "SECURITY_LOGOUT_URL": "/keluar",
        "SECURITY_POST_LOGIN_VIEW": "console.cases",
        "SECURITY_POST_LOGOUT_VIEW": "public.home",
        "SECURITY_LOGIN_USER_TEMPLATE": "console/login.html",
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_FRESHNESS": dt.timedelta(days=-1),  # no page to verify again; LONGEST_S ends sessions
        "SECURITY_RETURN_GENERIC_RESPONSES": True,  # a wrong address and a wrong password look the same
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # argon2 salts by itself. A second, keyed hash would tie every password to one more secret to lose.
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_DATETIME_FACTORY": utcnow,
    }


def _limited(limiter: Limiter, login: Any) -> Any:
    def failed(response: Response) -> bool:
        return request.method == "POST" and response.status_code != 302

    def view() -> Response:
        response = make_response(login())
        if failed(response):
            log.warning("log-in failed", ip=request.remote_addr)
        return response

    def account() -> str:
        # Hashed: the counter needs no address in the clear.
        return hashlib.sha256(request.form.get("email", "").strip().lower().encode()).hexdigest()[:32]

    keys: list[tuple[str, Any]] = [
        (LIMIT_BOTH, lambda: f"{get_remote_address()}/{account()}"),
        (LIMIT_ADDRESS, get_remote_address),
        (LIMIT_ACCOUNT, account),
    ]
    limited: Any = view
    for limit, key in keys:
        limited = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=failed)(limited)
    return limited


def _track(engine: Engine) -> Any:
    """Keep when and from where an account came in, in a short transaction of its own."""

    def track(_app: Flask, user: Account, **_: Any) -> None:
        with engine.begin() as connection:
            connection.execute(
                update(Account)
                .where(Account.id == user.id)
                .values(
                    last_login_at=Account.current_login_at,
                    last_login_ip=Account.current_login_ip,
                    current_login_at=utcnow(),
                    current_login_ip=request.remote_addr,
                    login_count=Account.login_count + 1,
                )
            )
        log.info("logged in", account=user.id, ip=request.remote_addr)

    return track


def is_administrator() -> bool:
    """Whether whoever asks may see what operators may not."""
    return bool(current_user.has_role("administrator"))


def add_account(
    session: Session, email: str, password: str, role: str, name: str = "", agency: str | None = None
) -> Account:
    """A new account with one role of `ROLES`; not yet committed.

    Args:
        agency: code of the agency whose cases an officer sees.

    Raises:
        ValueError: when there is no such role, or an officer has no agency.
    """
    if role == "officer" and not agency:
        raise ValueError("an officer needs an agency: its code in agencies.csv")
    if role not in ROLES:
        raise ValueError(f"no such role: {role!r}; roles are {', '.join(ROLES)}")
    known = session.scalar(select(Role).where(Role.name == role)) or Role(name=role, description=ROLES[role])
    account = Account(email=email.strip().lower(), name=name, password=PasswordHasher().hash(password), roles=[known])
    account.agency_code = agency
    session.add(account)
    return account


def create_first_account(engine: Engine, var_dir: Path) -> Path | None:
    """When there is no account at all: make an administrator, and write how to log in to a file of mode 0600.

    Returns:
        The file, or None when there are accounts already.
    """
    email, password = "admin@suara-warga.local", secrets.token_urlsafe(15)
    path = var_dir / "first-login.txt"
    with Session(engine) as session, session.begin():
        if session.scalar(select(Account.id).limit(1)) is not None:
            return None
        var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)  # one of an older database
        path.touch(mode=0o600)
        path.write_text(f"Alamat email : {email}\nKata sandi   : {password}\n", encoding="utf-8")
        add_account(session, email, password, "administrator", "Administrator")
    return path
