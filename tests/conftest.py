"""Real PostgreSQL, Valkey, worker and browser for the tests; each starts when a test first asks for it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.utils import CursorWrapper
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from portal.embedded import servers as embedded_servers
from portal.frame import roles
from portal.record import heads
from tests.processes import broker

# Property tests judge answers, not the speed of a busy machine.
hypothesis_settings.register_profile(
    "onshore", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
hypothesis_settings.load_profile("onshore")

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def as_owner(*, triggers: bool = False) -> Iterator[CursorWrapper]:
    """A cursor of the owner's, on a connection of its own and with the triggers off; commits at the end.

    What a test does with it is what somebody does who has the whole database. It sees what is committed, so a test
    that changes its own rows is a transactional one.
    """
    owner = roles.owner_connection()
    try:
        with owner.cursor() as cursor:
            if not triggers:
                cursor.execute("SET session_replication_role = replica")
            owner.set_autocommit(False)
            yield cursor
            owner.commit()
    finally:
        owner.close()


# What migrating leaves there, the same for every test.
KEPT = {"django_content_type", "auth_permission"}


def _sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **_: Any) -> list[str]:
    return [self.quote_name(table) for table in tables if table not in KEPT]


def _flush_as_owner(self: DatabaseOperations, sql_list: list[str]) -> None:
    """Only the owner may empty the append-only tables, with the triggers off; between two tests they are emptied.

    TRUNCATE would make a new file for each of two hundred tables; a test has filled a few of them.
    """
    if not sql_list:
        return
    with as_owner() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in sql_list))
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")


DatabaseOperations.sql_flush = _sql_flush  # type: ignore[method-assign]
DatabaseOperations.execute_sql_flush = _flush_as_owner  # type: ignore[method-assign,assignment]


def _has_just_signed_in(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """`force_login` leaves no record of how somebody signed in; tests mean that it was a moment ago."""
    from allauth.account.internal.flows.login import get_authentication_records, record_authentication

    if not get_authentication_records(request, user):
        record_authentication(request, user, "test")


user_logged_in.connect(_has_just_signed_in, dispatch_uid="tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first; the other processes take the rest meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_unconfigure() -> None:
    home = Path(os.environ["ONSHORE_HOME"])
    if (home / "instance").exists():
        embedded_servers.remove()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded_servers.Servers]:
    with embedded_servers.ensure() as running:
        yield running


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: embedded_servers.Servers) -> None:
    """pytest-django asks for this before it makes the test database: the servers run, and the owner makes it."""
    roles.become_owner()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The tests themselves, their worker and their web servers are the role that owns nothing."""
    roles.become_app()
    yield
    roles.become_owner()  # who drops the test database


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rate limits and cached fragments of one test are not the next one's."""
    uses_servers = "servers" in request.fixturenames or "django_db_setup" in request.fixturenames
    uses_servers = uses_servers or request.node.get_closest_marker("django_db") is not None
    yield
    if uses_servers:
        cache.clear()


@pytest.fixture(autouse=True)
def _no_signed_heads() -> Iterator[None]:
    """The tables are emptied between two tests; heads that were signed of what they held would miss it."""
    yield
    heads.path().unlink(missing_ok=True)


@pytest.fixture(scope="session")
def _session_worker(
    servers: embedded_servers.Servers, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[broker.Worker]:
    worker = broker.Worker(worker_environment(servers), tmp_path_factory.mktemp("worker") / "worker.log")
    worker.start()
    yield worker
    worker.stop()


def worker_environment(servers: embedded_servers.Servers) -> dict[str, str]:
    """What a process needs to work on the test database."""
    name = settings.DATABASES["default"]["NAME"]
    return {
        "DATABASE_URL": servers.database_url.replace("/onshore?", f"/{name}?"),
        "REDIS_URL": servers.redis_url,
    }


@pytest.fixture
def worker(_session_worker: broker.Worker, transactional_db: None) -> Iterator[broker.Worker]:
    """The session's worker reads what this test enqueues, and is done before the tables are emptied."""
    broker.attended = True
    yield _session_worker
    broker.attended = False
    _session_worker.wait_until_idle()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.fail("Chromium is missing; run make setup, or install the package chromium.")
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_FLAGS}
