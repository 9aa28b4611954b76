"""The shared cache: JSON only, and no page fails when Redis is down.

Only counters of rate limits are in it. Nothing that has to be true is: sessions and locks are in the database.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
# How long a process leaves Redis alone after it did not answer, in seconds.
PAUSE = 5.0


class JSONSerializer:
    """Values as JSON, so that what is in Redis can never run here. Integers stay bare: Redis counts with them."""

    def dumps(self, value: Any) -> bytes | int:
        return value if type(value) is int else json.dumps(value, separators=(",", ":")).encode()

    def loads(self, stored: bytes) -> Any:
        return json.loads(stored)


def _soft(name: str) -> Callable[..., Any]:
    """The operation on Redis; while it does not answer, on this process's own memory."""

    def operation(self: SoftRedisCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.again_at:
            try:
                return getattr(RedisCache, name)(self, *args, **kwargs)
            except (RedisError, OSError) as problem:
                self.again_at = time.monotonic() + PAUSE
                log.warning("the cache does not answer: %s", type(problem).__name__)
        return getattr(self.memory, name)(*args, **kwargs)

    return operation


class SoftRedisCache(RedisCache):
    """Redis while it answers. Meanwhile each process counts for itself, so limits hold per process."""

    again_at = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # The library would try again for seconds before it says that nobody is there.
        options = {"retry": Retry(NoBackoff(), 0), **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        own = {name: value for name, value in params.items() if name != "OPTIONS"}
        self.memory = LocMemCache(f"instead of {server}", own)

    add = _soft("add")
    get = _soft("get")
    set = _soft("set")
    touch = _soft("touch")
    delete = _soft("delete")
    get_many = _soft("get_many")
    has_key = _soft("has_key")
    incr = _soft("incr")
    set_many = _soft("set_many")
    delete_many = _soft("delete_many")
    clear = _soft("clear")
