"""Letters to officials by SMTP: plain text, with an identifier that stays the same when it is sent twice."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from routing.notify import NotSent

PORTS = {"smtp": 587, "smtps": 465}
TIMEOUT_S = 20.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class MailWay:
    """Sends through one server.

    Args:
        url: smtp://USER:PASSWORD@HOST:PORT (STARTTLS; plain only to this very machine) or smtps://...
        sender: address that the letters come from.

    Raises:
        ValueError: when the URL is none of these.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or "@" not in sender:
            raise ValueError("mail needs smtp://HOST or smtps://HOST, and the address that it comes from")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self.domain = sender.partition("@")[2]

    def send(self, to: str, subject: str, text: str, notice_id: str) -> str:
        """Hand the letter to the server; the identifier is its Message-ID.

        Raises:
            NotSent: when the server does not take it.
        """
        return self.post(self.letter(to, subject, text, notice_id))

    def post(self, letter: EmailMessage) -> str:
        """Hand over a letter that `letter` began.

        Raises:
            NotSent: when the server does not take it.
        """
        try:
            with self._connected() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused:
            raise NotSent("alamat surel ditolak", final=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"server surel: {type(error).__name__}") from None
        return str(letter["Message-ID"])

    def find(self, to: str, text: str, notice_id: str, since: dt.datetime) -> str | None:
        """No server tells what it has sent: the letter goes out again, and its Message-ID shows that it is the same."""
        return None

    def letter(self, to: str, subject: str, text: str, identifier: str) -> EmailMessage:
        """A letter from us; the identifier makes its Message-ID."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter["Date"] = formatdate()
        letter["Message-ID"] = f"<{identifier}@{self.domain}>"
        letter["Auto-Submitted"] = "auto-generated"  # so that no absence note comes back
        letter.set_content(text)
        return letter

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
            if self._host not in LOOPBACK:
                server.starttls(context=context)
        if self._user:
            server.login(self._user, self._password)
        return server
