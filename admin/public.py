"""What everybody may see: the front page, error pages, and the files that all pages use."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from routing.city import City

STATIC = Path(__file__).parent / "static"
YEAR_S = 365 * 24 * 3600  # files' addresses change with their content
ERRORS = {
    400: ("Permintaan tidak dikenali", "Muat ulang halaman sebelumnya, lalu coba lagi."),
    403: ("Akun ini tidak berhak membuka halaman itu", "Bila seharusnya boleh, hubungi administrator."),
    404: ("Halaman tidak ditemukan", "Alamatnya mungkin salah ketik, atau isinya sudah dipindahkan."),
    429: ("Terlalu banyak percobaan masuk", "Tunggu satu menit, lalu coba lagi. Ini melindungi akun dari tebakan."),
    500: ("Ada gangguan di sistem", "Data Bapak/Ibu aman. Coba lagi sebentar lagi."),
}
EXPIRED = ("Halaman ini sudah kedaluwarsa", "Kembali ke halaman sebelumnya, muat ulang, lalu kirim lagi.")


class _Pages(Blueprint):
    def get_send_file_max_age(self, filename: str | None) -> int | None:
        return YEAR_S


def public_blueprint(city: City) -> Blueprint:
    """`/tentang` and `/static/...`; brings the templates that the whole console uses."""
    blueprint = _Pages(
        "public", __name__, template_folder="templates", static_folder=str(STATIC), static_url_path="/static"
    )
    versions = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:10] for path in STATIC.iterdir() if path.is_file()
    }

    @blueprint.app_context_processor
    def shared() -> dict[str, Any]:
        def asset(name: str) -> str:
            return url_for("public.static", filename=name, v=versions[name])

        return {"asset": asset, "line_name": city.line_name, "city_name": city.name, "account": current_user}

    @blueprint.get("/tentang")
    def home() -> str:
        return render_template("console/home.html")

    return blueprint


def init_pages(app: Flask) -> None:
    """Errors as pages, in plain words. Webhooks and the health page answer with their own texts."""

    def show(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        title, advice = EXPIRED if isinstance(error, CSRFError) else ERRORS.get(code, ERRORS[400])
        page = render_template("console/error.html", code=code, title=title, advice=advice)
        return page, code, {k: v for k, v in error.get_headers() if k.lower() != "content-type"}

    for code in ERRORS:
        app.register_error_handler(code, lambda error: show(error) if _wants_page() else error)


def _wants_page() -> bool:
    return request.blueprint in (None, "public", "console", "security") and not request.path.startswith("/twilio")
