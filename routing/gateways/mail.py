"""A case as a letter to an agency: plain Indonesian, and the same letter when it is sent twice."""

from __future__ import annotations

import datetime as dt

from routing.gateways.contract import Handed, NotDelivered, Sent
from routing.notify import NotSent
from routing.ways.mail import MailWay


class Mail:
    """Writes to one address of the agency."""

    way = "email"

    def __init__(self, mail: MailWay, to: str) -> None:
        self._mail, self._to = mail, to

    def send(self, case: Handed) -> Sent:
        letter = self._mail.letter(
            self._to, f"Laporan warga {spaced(case.ticket)}: {case.category_name}", text(case), case.event_id
        )
        letter["List-Id"] = f"Laporan warga untuk {case.agency_name} <laporan.{case.agency}.{self._mail.domain}>"
        try:
            return Sent(self._mail.post(letter))
        except NotSent as error:
            raise NotDelivered(str(error), error.final) from None

    def find(self, case: Handed, since: dt.datetime) -> Sent | None:
        """No server tells what it has sent; sent again, the letter has the same Message-ID."""
        return None


def spaced(ticket: str) -> str:
    return f"{ticket[:3]} {ticket[3:6]} {ticket[6:]}".strip()


def text(case: Handed) -> str:
    """The letter. No name and no number of the reporter."""
    lines = [
        f"Yth. {case.agency_name},",
        "",
        f"Ada laporan warga yang menjadi tugas {case.agency_name}.",
        "",
        f"Nomor laporan : {spaced(case.ticket)}",
        f"Masalah       : {case.category_name} ({case.severity})",
        f"Tempat        : {case.place or 'belum diketahui'}",
    ]
    if case.lat is not None:
        lines.append(f"Titik di peta : {case.lat}, {case.long}")
    lines += [
        f"Dijanjikan    : paling lambat {case.promised:%d-%m-%Y}",
        "",
        "Kata pelapor:",
        case.description or "(tidak ada keterangan)",
        "",
        "Jawaban untuk pelapor ditulis di konsol, dan dibacakan lewat telepon.",
        f"Terima kasih atas bantuannya. Salam, Suara Warga {case.city_name}",
    ]
    return "\n".join(lines) + "\n"
