"""Reading the environment. A value that makes no sense stops the start and names its variable."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

OWNER_URL = "ONSHORE_OWNER_DATABASE_URL"


def env(name: str, default: str = "") -> str:
    """The variable without blanks around it; the default when it is missing or empty."""
    return os.environ.get(name, "").strip() or default


def env_choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """One of the choices."""
    value = env(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}. It must be one of {', '.join(choices)}.")
    return value


def env_bool(name: str, default: bool) -> bool:
    """Yes or no."""
    value = env(name, "yes" if default else "no").lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Use yes or no.")


def env_int(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = env(name, str(default))
    if not re.fullmatch(r"\d{1,12}", value) or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}. It must be a whole number of at least {least}.")
    return int(value)


def env_list(name: str) -> list[str]:
    """The parts between commas."""
    return [part.strip() for part in env(name).split(",") if part.strip()]


def databases(
    app_here: Callable[[], str], owner_here: Callable[[], str]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """How the app's role and the owner connect to the one database; None for the owner where one role is all there is.

    The two functions give the URLs for when the environment names no database.
    """
    app_url, owner_url = env("DATABASE_URL"), env(OWNER_URL)
    if owner_url and not app_url:
        raise ImproperlyConfigured(f"{OWNER_URL} is set, but DATABASE_URL is not.")
    if not app_url:
        app_url, owner_url = app_here(), owner_here()
    app = database_from_url(app_url)
    if not owner_url:
        return app, None
    owner = database_from_url(owner_url, OWNER_URL)
    if owner["NAME"] != app["NAME"]:
        raise ImproperlyConfigured(f"{OWNER_URL} names a different database from DATABASE_URL.")
    if not app["USER"]:
        raise ImproperlyConfigured(f"DATABASE_URL must name its role when {OWNER_URL} is set.")
    return app, None if owner["USER"] == app["USER"] else owner


def database_from_url(url: str, variable: str = "DATABASE_URL") -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?host=/socket/folder&sslmode=require` as Django wants it."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{variable} must start with postgresql://. Onshore needs PostgreSQL.")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured(f"{variable} does not name a database.")
    try:
        port = parts.port
    except ValueError as problem:
        raise ImproperlyConfigured(f"{variable} has a port that is not a number.") from problem
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or options.pop("port", "")),
        "OPTIONS": {"connect_timeout": "10", **options},
    }


def redis_url(url: str, *, db: int, celery: bool = False) -> str:
    """The same server, another database number; Celery has a spelling of its own for sockets."""
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return parts._replace(path=f"/{db}").geturl()
    if parts.scheme == "unix" and parts.path:
        place = f"{parts.netloc}{parts.path}"  # before the path stands a password, where there is one
        return f"redis+socket://{place}?virtual_host={db}" if celery else f"unix://{place}?db={db}"
    raise ImproperlyConfigured("REDIS_URL must look like redis://host:6379 or unix:///path/to/socket.")
