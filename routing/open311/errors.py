"""What can be wrong with a request, in words for the person who uses the other system."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The request is not done. `status` is that of HTTP; each of `problems` (Indonesian) may be shown to a user."""

    def __init__(self, status: int, *problems: str) -> None:
        super().__init__(f"{status}: {len(problems)} problem(s)")  # what was sent may be personal: not in here
        self.status, self.problems = status, problems


def document(status: int, problems: tuple[str, ...]) -> list[dict[str, Any]]:
    """The error document of GeoReport v2."""
    return [{"code": status, "description": problem} for problem in problems]


PLAIN = {  # what the web framework refuses by itself
    400: "Permintaan ini tidak dapat dibaca.",
    404: "Alamat ini tidak ada di layanan Open311.",
    405: "Cara ini tidak dipakai di alamat ini.",
    413: "Kiriman terlalu besar. Foto dikirim sebagai alamat lewat media_url.",
    415: "Kirim sebagai formulir (application/x-www-form-urlencoded atau multipart/form-data).",
    429: "Terlalu banyak permintaan. Tunggu satu menit, lalu coba lagi.",
    500: "Ada gangguan di sistem kami. Coba lagi sebentar lagi.",
}
