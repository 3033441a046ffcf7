# The mix-ins declare their own column types for type checkers only (ids as int, times never empty).
# mypy: disable-error-code="assignment"
"""Tables of who may enter the console: accounts, roles, and which account has which role."""

from __future__ import annotations

import datetime as dt

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, new_id, utcnow

account_role = Table(
    "account_role",
    Base.metadata,
    Column("account_id", String(32), ForeignKey("account.id"), primary_key=True),
    Column("role_id", String(32), ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """What an account may do. `name` is what the code asks for: operator, administrator."""

    __tablename__ = "role"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))

    accounts: Mapped[list[Account]] = relationship(secondary=account_role, back_populates="roles")


class Account(Base, UserMixin):
    """A person who may log in. Column names are those that Flask-Security reads.

    `fs_uniquifier` stands in the session cookie in place of the id: a new one ends all sessions.
    The second factor's columns (tf_...) are empty until it is switched on.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(160), default="")
    password: Mapped[str | None] = mapped_column(String(255))  # argon2 hash
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_id)
    agency_code: Mapped[str | None] = mapped_column(ForeignKey("agency.code"), index=True)  # empty: the whole city
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    last_login_at: Mapped[dt.datetime | None]
    current_login_at: Mapped[dt.datetime | None]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int] = mapped_column(default=0)

    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)

    roles: Mapped[list[Role]] = relationship(secondary=account_role, back_populates="accounts")
