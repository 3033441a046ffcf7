"""Personal data at rest: what is encrypted, and how an encrypted number is still found."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnreadableSecret(Exception):
    """Stored data does not open with any of the configured keys."""


class Vault:
    """Encrypts with the first key, opens with any (so that keys can be rotated).

    Args:
        keys: Fernet keys (32 bytes, url-safe base64), newest first; at least one.
        lookup_key: secret of the keyed hash under which a telephone number is found again.
            It is not rotated with the others: every stored hash would have to be made anew.

    Raises:
        ValueError: when a key is missing or malformed.
    """

    def __init__(self, keys: Sequence[str], lookup_key: str) -> None:
        if not keys or not lookup_key:
            raise ValueError("encryption needs at least one key and a look-up key")
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._lookup_key = lookup_key.encode()

    def seal(self, data: bytes) -> bytes:
        """Encrypt; the result is ASCII without line ends."""
        return self._fernet.encrypt(data)

    def open(self, token: bytes) -> bytes:
        """Decrypt what `seal` made.

        Raises:
            UnreadableSecret: when no key opens it.
        """
        try:
            return self._fernet.decrypt(token)
        except InvalidToken as error:
            raise UnreadableSecret("no configured key opens this; was a key removed?") from error

    def seal_text(self, text: str) -> str:
        return self.seal(text.encode()).decode()

    def open_text(self, token: str) -> str:
        return self.open(token.encode()).decode()

    def lookup(self, number: str) -> str:
        """Keyed hash (SHA-256, 64 hexadecimal digits) of a telephone number in E.164 form."""
        return hmac.new(self._lookup_key, number.encode(), hashlib.sha256).hexdigest()
