"""Answers of look-ups in Redis, which may be away or lost whole: then the owner is asked again."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

PATIENCE_S = 0.2


class RedisCache:
    """A `routing.lookups.Cache` for all processes."""

    def __init__(self, url: str) -> None:
        patience = {"socket_connect_timeout": PATIENCE_S, "socket_timeout": PATIENCE_S}
        self._redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patience)

    def get(self, key: str) -> str | None:
        try:
            value = self._redis.get(key)
        except (RedisError, OSError):
            return None
        return value.decode() if isinstance(value, bytes) else None

    def put(self, key: str, value: str, seconds: int) -> None:
        try:
            self._redis.set(key, value, ex=seconds)
        except (RedisError, OSError):
            return
