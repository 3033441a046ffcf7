"""Requests to other systems that do not lead into our own house: private addresses are refused, redirects not followed.

The name is looked up once, its addresses are judged, and the connection goes to the very address that was judged,
so that a name that changes between look-up and connection gains nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from socket import IPPROTO_TCP, gaierror, getaddrinfo
from urllib.parse import urlencode, urlsplit

import urllib3

from routing.gateways.contract import NotDelivered

CONNECT_S, READ_S = 4.0, 20.0  # a worker waits: other cases stand behind it
MOST_BYTES = 4 * 1024 * 1024  # a thousand cases with long descriptions are 2 MB
AGAIN_LATER = frozenset({408, 423, 425, 429})  # besides 5xx: what a later try may mend
PORTS = {"https": 443, "http": 80}
AGENT = "suara-warga"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


class Http:
    """Asks other systems.

    Args:
        private: whether addresses of private networks and of this machine may be asked, and without TLS.
        connect_s, read_s: how long to wait for the connection, and for each piece of the answer.
        most_bytes: a longer answer is refused.
    """

    def __init__(
        self,
        private: bool = False,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._private = private
        self._timeout = urllib3.Timeout(connect=connect_s, read=read_s)
        self._most_bytes = most_bytes

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self._ask("POST", url, dict(headers), body)

    def post_form(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return self._ask("POST", url, {**headers, **kind}, urlencode(fields).encode())

    def get(self, url: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        return self._ask("GET", f"{url}?{urlencode(query)}" if query else url, dict(headers or {}), None)

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or PORTS.get(parts.scheme, 0)
        if not host or (parts.scheme != "https" and not (self._private and parts.scheme == "http")):
            raise NotDelivered("alamat sistem instansi harus https", final=True)
        pool = self._pool(parts.scheme, host, self._address(host, port), port)
        try:
            response = pool.urlopen(
                method,
                f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
                body=body,
                headers={"Host": parts.netloc.rpartition("@")[2], "User-Agent": AGENT, **headers},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            content = response.read(self._most_bytes + 1, decode_content=True)
        except (urllib3.exceptions.HTTPError, ssl.SSLError, OSError) as error:
            raise NotDelivered(f"sistem instansi tidak terjangkau: {type(error).__name__}") from None
        finally:
            pool.close()
        if len(content) > self._most_bytes:
            raise NotDelivered("jawaban sistem instansi terlalu besar")
        return Answer(response.status, content)

    def _address(self, host: str, port: int) -> str:
        try:
            found = [str(entry[4][0]) for entry in getaddrinfo(host, port, proto=IPPROTO_TCP)]
        except (gaierror, UnicodeError):
            raise NotDelivered("nama sistem instansi tidak ditemukan") from None
        if not self._private and not all(_public(address) for address in found):
            raise NotDelivered("alamat sistem instansi ada di jaringan dalam", final=True)
        return found[0]

    def _pool(self, scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
        if scheme == "http":
            return urllib3.HTTPConnectionPool(address, port, timeout=self._timeout)
        return urllib3.HTTPSConnectionPool(
            address, port, timeout=self._timeout, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED"
        )


def _public(address: str) -> bool:
    """Whether the whole world reaches it; an IPv4 address in IPv6's clothes is judged by itself."""
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


def taken(answer: Answer) -> Answer:
    """The answer, if it says yes.

    Raises:
        NotDelivered: otherwise; final where another try would be told the same.
    """
    if 200 <= answer.status < 300:
        return answer
    final = 300 <= answer.status < 500 and answer.status not in AGAIN_LATER
    raise NotDelivered(f"sistem instansi menjawab {answer.status}", final)
