"""The embedded servers: started when needed, shared, revived after kill -9, stopped by the last one out."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg2
import pytest
import redis

from portal.embedded import place
from portal.embedded import servers as embedded_servers

CHECKOUT = place.CHECKOUT


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose path alone is longer than a socket's may be, under a folder closed to everybody else."""
    closed = tmp_path / ("closed-" + "x" * 110)
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("ONSHORE_HOME", str(closed / "home"))
    monkeypatch.setenv("ONSHORE_DURABLE", "no")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    yield closed / "home"
    embedded_servers.remove()


def one(url: str, sql: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
            connection.commit()
            return row[0] if row else None
    finally:
        connection.close()


def eventually(ask: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ask():
                return True
        except (psycopg2.Error, redis.RedisError, OSError):
            pass
        time.sleep(0.05)
    return False


def run(code: str, **environment: str) -> "subprocess.Popen[str]":
    """Another command of the same installation; it prints a line when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


ATTACH = """
import time
from portal.embedded import servers
held = servers.ensure()
print("ready", flush=True)
time.sleep(60)
"""


def test_servers_answer_and_are_gone_after_stop(elsewhere: Path) -> None:
    servers = embedded_servers.ensure()
    assert one(servers.database_url, "SELECT current_database()") == "onshore"
    assert redis.Redis.from_url(servers.redis_url).ping()
    began = time.monotonic()
    servers.stop()
    servers.stop()
    assert not embedded_servers.running()
    assert time.monotonic() - began < 10


POWERS = """
    SELECT array[rolname::text, rolsuper::text, rolcreatedb::text, rolcreaterole::text]
    FROM pg_roles WHERE rolname = current_user
"""


def test_the_app_connects_as_a_role_without_powers_and_the_owner_as_another(elsewhere: Path) -> None:
    with embedded_servers.ensure() as servers:
        assert one(servers.database_url, POWERS) == ["onshore_app", "false", "false", "false"]
        assert one(place.owner_url(), POWERS) == ["onshore", "true", "true", "true"]


def test_a_home_from_before_there_were_two_roles_gets_the_second_on_start(elsewhere: Path) -> None:
    with embedded_servers.ensure():
        one(place.owner_url(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42) RETURNING n")
        one(place.owner_url(), "DROP ROLE onshore_app; SELECT 1")
    (place.place().postgres_data / "onshore_app.made").unlink()
    with embedded_servers.ensure() as servers:
        assert one(servers.database_url, POWERS) == ["onshore_app", "false", "false", "false"]
        assert one(place.owner_url(), "SELECT n FROM kept") == 42


def test_no_port_is_open(elsewhere: Path) -> None:
    with embedded_servers.ensure() as servers:
        assert one(servers.database_url, "SHOW listen_addresses") == ""
        assert redis.Redis.from_url(servers.redis_url).config_get("port") == {"port": "0"}


def test_folders_are_closed_to_others(elsewhere: Path) -> None:
    with embedded_servers.ensure():
        here = place.place()
        modes = [path.stat().st_mode & 0o077 for path in (here.home, here.run, here.postgres_data)]
        assert modes == [0, 0, 0]
        assert len(str(here.valkey_socket)) < 100


def test_both_come_back_after_kill_nine_with_their_data(elsewhere: Path) -> None:
    with embedded_servers.ensure() as servers:
        one(place.owner_url(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42) RETURNING n")
        queue = redis.Redis.from_url(servers.redis_url)
        queue.set("kept", "42")
        time.sleep(1.1)  # Valkey writes its log to disk every second
        postmaster = int((place.place().postgres_data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        os.kill(queue.info("server")["process_id"], signal.SIGKILL)
        assert eventually(lambda: one(place.owner_url(), "SELECT n FROM kept") == 42)
        assert eventually(lambda: redis.Redis.from_url(servers.redis_url).get("kept") == b"42")


def test_a_second_command_attaches_and_outlives_the_first(elsewhere: Path) -> None:
    first = run(ATTACH)
    servers = embedded_servers.ensure()
    postmaster = (place.place().postgres_data / "postmaster.pid").read_text().split()[0]
    first.kill()
    first.wait(10)
    time.sleep(0.5)
    assert (place.place().postgres_data / "postmaster.pid").read_text().split()[0] == postmaster
    assert one(servers.database_url, "SELECT 1") == 1
    servers.stop()
    assert not embedded_servers.running()


def test_servers_end_when_their_only_user_is_killed(elsewhere: Path) -> None:
    only = run(ATTACH)
    assert embedded_servers.running()
    only.kill()
    only.wait(10)
    assert eventually(lambda: not embedded_servers.running())


def test_a_killed_supervisor_leaves_nothing_that_stops_the_next_start(elsewhere: Path) -> None:
    only = run(ATTACH)
    children = Path(f"/proc/{only.pid}/task/{only.pid}/children")
    if not children.exists():  # not Linux
        only.kill()
        return
    supervisor = int(children.read_text().split()[0])
    os.kill(supervisor, signal.SIGKILL)
    only.kill()
    only.wait(10)
    assert eventually(lambda: not embedded_servers.running())
    with embedded_servers.ensure() as servers:
        assert one(servers.database_url, "SELECT 1") == 1


def test_given_servers_are_used_and_none_is_started(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere:6379")
    with embedded_servers.ensure() as servers:
        assert (servers.database_url, servers.redis_url) == (
            "postgresql://somewhere/else",
            "redis://somewhere:6379",
        )
        assert not embedded_servers.running()


def test_a_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    first = place.secret_file(path, lambda: "one")
    assert (first, place.secret_file(path, lambda: "two")) == ("one", "one")
    assert path.stat().st_mode & 0o777 == 0o600


def settings_error(environment: Mapping[str, str]) -> str:
    code = "from django.conf import settings; settings.DEBUG"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONSHORE_ENV", "prod"),
        ("ONSHORE_STAFF_MFA", "maybe"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("DATABASE_URL", "postgresql://host:port/name"),
        ("ONSHORE_OWNER_DATABASE_URL", "postgresql://onshore@host/onshore"),
        ("REDIS_URL", "localhost:6379"),
        ("ONSHORE_VISIBILITY_TIMEOUT", "an hour"),
        ("ONSHORE_FIELD_KEY", "c2hvcnQ="),
        ("ONSHORE_HTTPS", "perhaps"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start_and_is_named(name: str, value: str) -> None:
    error = settings_error({name: value})
    assert "ImproperlyConfigured" in error
    assert name in error


@pytest.mark.parametrize(
    ("app", "owner", "says"),
    [
        ("postgresql://onshore_app@host/onshore", "mysql://host/onshore", "must start with postgresql://"),
        (
            "postgresql://onshore_app@host/onshore",
            "postgresql://onshore@host/other",
            "names a different database",
        ),
        ("postgresql://host/onshore", "postgresql://onshore@host/onshore", "must name its role"),
    ],
)
def test_an_owner_that_does_not_fit_the_apps_database_stops_the_start(
    app: str, owner: str, says: str
) -> None:
    error = settings_error({"DATABASE_URL": app, "ONSHORE_OWNER_DATABASE_URL": owner})
    assert "ImproperlyConfigured" in error and "ONSHORE_OWNER_DATABASE_URL" in error and says in error
    assert (
        settings_error(
            {"DATABASE_URL": app.replace("//host", "//onshore_app@host"), "REDIS_URL": "redis://h"}
        )
        == ""
    )


@pytest.mark.parametrize("own", [True, False])
def test_signed_heads_go_with_the_embedded_database_and_with_no_other(elsewhere: Path, own: bool) -> None:
    heads = place.home() / place.SIGNED_HEADS
    heads.write_text("{}")
    if own:
        place.place().postgres_data.mkdir(parents=True)
    embedded_servers.remove()
    assert heads.exists() is not own
