"""Tables of a city's own data: areas, agencies, categories. Loaded from `cities/NAME/`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Agency(Base):
    """Who answers cases: an agency (OPD), one of its units (UPT), or somebody outside the city hall."""

    __tablename__ = "agency"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
    short: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))  # opd, upt of CODE, bumd, external
    spoken: Mapped[str] = mapped_column(String(160))  # as the line says it
    active: Mapped[bool] = mapped_column(default=True)


class Area(Base):
    """A kecamatan (no parent) or a kelurahan (parent: its kecamatan)."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)  # national code, 36.71.01.1001
    name: Mapped[str] = mapped_column(String(80))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    active: Mapped[bool] = mapped_column(default=True)


class Category(Base):
    """What a case is about, which agency answers for it, and how fast (working days)."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)  # LAKSA's hashtag, without #
    name: Mapped[str] = mapped_column(String(80))
    agency_code: Mapped[str] = mapped_column(ForeignKey("agency.code"))
    emergency: Mapped[bool] = mapped_column(default=False)
    usual_severity: Mapped[str] = mapped_column(String(8), default="sedang")
    target_ringan_days: Mapped[int]
    target_sedang_days: Mapped[int]
    target_berat_days: Mapped[int]
    covers: Mapped[str] = mapped_column(String(400), default="")
    active: Mapped[bool] = mapped_column(default=True)
