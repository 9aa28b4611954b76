"""Redis stopped or hanging: people stay signed in, sign in, and submit; the page says what waits."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from portal.embedded import servers as embedded_servers
from portal.models import Role
from portal.people.sessions import SessionStore
from rfp.compliance import queries
from rfp.models import Assessment, Proposal
from rfp.rules import RULEBOOK
from scoring.models import Score
from tests import factories as make
from tests.conftest import worker_environment
from tests.processes.broker import CHECKOUT, Worker
from tests.processes.site import Site, Valkey, Visitor, free_port

PASSWORD = "a long enough passphrase"
DELAYED = "are delayed right now"
# The longest a page may take with a broker that hangs: a question to it of half a second, on a very busy machine.
SECONDS = 20.0


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="onshore-v-", dir="/tmp") as folder:
        own = Valkey(Path(folder))
        own.start()
        yield own
        own.stop()


@pytest.fixture
def site(
    servers: embedded_servers.Servers, transactional_db: None, valkey: Valkey, tmp_path: Path
) -> Iterator[Site]:
    environment = {
        **worker_environment(servers),
        "REDIS_URL": valkey.url,
        "ONSHORE_ENV": "test",
        "ONSHORE_BROKER_MS": "500",
    }
    with Site(f"127.0.0.1:{free_port()}", environment, tmp_path / "web.log") as site:
        yield site


def until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.2)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["stopped", "hanging"])
def test_without_redis_the_portal_goes_on(site: Site, valkey: Valkey, how: signal.Signals) -> None:
    proposal = make.make_draft()
    owner = make.with_password(make.owner_of(proposal.supplier), PASSWORD)
    admin = make.with_password(make.make_user(Role.ADMIN), PASSWORD)
    supplier, before = Visitor(site), Visitor(site)
    assert supplier.sign_in(owner.email, PASSWORD).status == 302
    assert before.sign_in(admin.email, PASSWORD).status == 302
    assert DELAYED not in supplier.get("/proposals/").text
    valkey.signal(how)
    # Whoever was signed in still is; whoever comes now can sign in and out.
    for visitor, path in ((before, "/audit/"), (before, "/setup/"), (supplier, "/proposals/")):
        page = visitor.get(path)
        assert (page.status, page.seconds < SECONDS) == (200, True), (path, page.status, page.seconds)
    late = Visitor(site)
    wrong = late.sign_in(admin.email, "not the password")
    assert (wrong.status, wrong.seconds < SECONDS) == (200, True)
    assert late.sign_in(admin.email, PASSWORD).status == 302
    until(lambda: DELAYED in late.get("/audit/").text)  # what the broker said last is good for five seconds
    assert DELAYED not in Visitor(site).get("/").text
    assert late.post("/accounts/logout/", {}).status == 302
    assert late.get("/audit/").status == 302
    # A submission stands, and the sweep finds it.
    sent = supplier.post(f"/proposals/{proposal.pk}/submit/", {})
    assert (sent.status, sent.seconds < SECONDS) == (302, True), sent.text[:2000]
    stored = Proposal.objects.get()
    assert stored.is_submitted
    assert list(queries.unassessed_revisions(RULEBOOK.version)) == [stored.current_revision]
    assert "Internal Server Error" not in site.log.read_text()


SWEEP = "import django; django.setup(); from rfp import schedule; schedule.sweep_unassessed()"


def test_what_was_submitted_without_redis_is_assessed_when_it_is_back(
    site: Site, valkey: Valkey, tmp_path: Path
) -> None:
    """The broker is killed and starts empty; the sweep, which beat sends each minute, finds the submission."""
    proposal = make.make_draft()
    owner = make.with_password(make.owner_of(proposal.supplier), PASSWORD)
    supplier = Visitor(site)
    assert supplier.sign_in(owner.email, PASSWORD).status == 302
    valkey.stop()
    assert supplier.post(f"/proposals/{proposal.pk}/submit/", {}).status == 302
    valkey.start()
    worker = Worker(site.environment, tmp_path / "worker.log")
    worker.start()
    try:
        assert not Assessment.objects.exists()
        code = [sys.executable, "-c", SWEEP]
        subprocess.run(code, env=site.environment, cwd=CHECKOUT, check=True, timeout=600)
        until(lambda: Score.objects.filter(revision__proposal=proposal).exists())
        until(lambda: DELAYED not in supplier.get("/proposals/").text)
    finally:
        worker.stop()


@pytest.mark.django_db
def test_sessions_and_cache_hold_json_only() -> None:
    assert settings.SESSION_ENGINE == "portal.people.sessions" and issubclass(SessionStore, DatabaseStore)
    with pytest.raises(TypeError):
        SessionStore().encode({"when": timezone.now()})
    values = [1, 1.5, True, None, "ü", ["y", 2.5], {"a": [1]}]
    for value in values:
        cache.set("value", value)
        assert (cache.get("value"), type(cache.get("value"))) == (value, type(value))
    with pytest.raises(TypeError):
        cache.set("value", object())
    assert not Session.objects.exists()


def test_limits_are_counted_here_while_redis_is_away() -> None:
    from portal.frame.cache import SoftRedisCache

    soft = SoftRedisCache("unix:///nonexistent/socket?db=1", {})
    assert soft.add("key", [1.5]) is True
    assert soft.add("key", [2.5]) is False
    assert soft.get("key") == [1.5]
    assert soft.delete("key") is True
    assert soft.get("key", "none") == "none"
