"""What is configured, what answers and what is missing, in plain words; exits 1 when something needed is."""

import importlib
import io
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal.embedded import servers
from portal.files import scanner
from portal.frame import roles
from portal.frame.environment import env
from portal.frame.queues import QUEUES

OK, NOTE, MISSING = "ok", "note", "missing"


@dataclass(frozen=True)
class Part:
    """One line of the report: `state` is ok, note (works, but read this) or missing (needed)."""

    name: str
    state: str
    words: str


class Command(BaseCommand):
    help = "Show what is configured, what is responding, and what is missing."
    requires_system_checks: list[str] = []  # what a check would stop is reported here

    def handle(self, *args: Any, **options: Any) -> None:
        parts = [part for look in LOOKS for part in look()]
        width = max(len(part.name) for part in parts)
        for part in parts:
            self.stdout.write(f"{part.state:<8}{part.name:<{width}}  {part.words}")
        missing = [part.name for part in parts if part.state == MISSING]
        if missing:
            raise CommandError(f"Required but missing: {', '.join(missing)}.")


def _environment() -> Iterator[Part]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Part("python", OK, version)
    words = {
        "production": "production: HTTPS only, no debug pages",
        "development": "development: debug pages and a mailbox anyone can read; never use on a public address",
        "test": "test",
    }
    yield Part("environment", OK if settings.PRODUCTION else NOTE, words[settings.ENVIRONMENT])
    if settings.ALLOWED_HOSTS:
        yield Part("hosts", OK, ", ".join(settings.ALLOWED_HOSTS))
    else:
        yield Part("hosts", MISSING, "set ONSHORE_HOSTS to the portal's host names")


def _keys() -> Iterator[Part]:
    for name in ("secret_key", "field_key", "signing_key"):
        path = settings.HOME / "keys" / name
        if env(f"ONSHORE_{name.upper()}"):
            yield Part(name, OK, f"from ONSHORE_{name.upper()}")
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Part(name, MISSING, f"{path} is readable by others: chmod 600 it and create a new key")
        else:
            yield Part(name, OK, f"{path}, readable only by its owner; keep a copy outside the database")


def _database() -> Iterator[Part]:
    if not env("DATABASE_URL") and not servers.running():
        yield Part("database", OK, "embedded PostgreSQL; starts with the first command that needs it")
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            row = cursor.fetchone()
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as problem:
        yield Part("database", MISSING, f"not responding: {str(problem).splitlines()[0]}")
        return
    where = "from DATABASE_URL" if env("DATABASE_URL") else "embedded"
    yield Part("database", OK, f"PostgreSQL {row[0] if row else '?'}, {where}")
    if waiting:
        yield Part("migrations", MISSING, f"{len(waiting)} to apply: manage.py migrate")
    else:
        yield Part("migrations", OK, "all applied")
        yield from _role()


def _role() -> Iterator[Part]:
    """Whether web and workers, which connect as this process does, could switch off the guards of the tables."""
    role = roles.role()
    if not roles.may_work():
        yield Part(
            "database role",
            MISSING,
            f"{role} has no access to its tables: run manage.py migrate as the owner",
        )
    elif weakness := roles.weakness():
        words = (
            f"{role} {weakness}, so anyone who breaks into the web server could turn off the guards on the audit log "
            "and on submitted proposals: give web and workers their own role (docs/operations.md)"
        )
        yield Part("database role", NOTE, words)
    else:
        yield Part("database role", OK, f"{role} does not own any tables, so it can't turn off the guards")


def _redis() -> Iterator[Part]:
    if not env("REDIS_URL") and not servers.running():
        yield Part("redis", OK, "embedded Valkey; starts with the first command that needs it")
        return
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3)
        version = client.info("server")["redis_version"]
        waiting = sum(client.llen(queue) for queue in QUEUES)
    except (redis.RedisError, OSError) as problem:
        yield Part("redis", MISSING, f"not responding: {problem}")
        return
    yield Part("redis", OK, f"compatible with Redis {version}; {waiting} jobs waiting")


def _static_files() -> Iterator[Part]:
    if not settings.PRODUCTION:
        found = (settings.NODE_MODULES / "bootstrap").is_dir()
        yield Part("assets", OK if found else MISSING, "node_modules" if found else "run make setup")
        return
    collected = bool(getattr(staticfiles_storage, "hashed_files", None))
    yield Part(
        "assets",
        OK if collected else MISSING,
        str(settings.STATIC_ROOT) if collected else "run manage.py collectstatic",
    )


def _pdf() -> Iterator[Part]:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError):
        yield Part("pdf", MISSING, "WeasyPrint can't find Pango: install libpango-1.0-0, libpangoft2-1.0-0")
    else:
        yield Part("pdf", OK, "WeasyPrint and Pango")
    for program, package in (("fc-list", "fontconfig"), ("pdftotext", "poppler-utils")):
        found = shutil.which(program)
        yield Part(program, OK if found else MISSING, found or f"install {package}")


def _mail() -> Iterator[Part]:
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend == "smtp":
        local = settings.EMAIL_HOST == "localhost"
        yield Part("mail", NOTE if local else OK, f"SMTP to {settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
    else:
        yield Part("mail", NOTE, f"{backend}: no email leaves this machine")


def _scanner() -> Iterator[Part]:
    if not scanner.is_configured():
        yield Part("malware scan", NOTE, "none: set ONSHORE_CLAMD to scan uploads")
        return
    try:
        scanner.is_clean(io.BytesIO(b"Is anybody there?"))
    except scanner.ScannerError as problem:
        yield Part("malware scan", MISSING, str(problem))
    else:
        yield Part("malware scan", OK, f"clamd at {settings.CLAMD}")


LOOKS: tuple[Callable[[], Iterator[Part]], ...] = (
    _environment,
    _keys,
    _database,
    _redis,
    _static_files,
    _pdf,
    _mail,
    _scanner,
)
