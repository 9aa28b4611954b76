"""PostgreSQL and Valkey as our own children, for a machine that has neither.

Without DATABASE_URL and REDIS_URL, `ensure()` starts both from their wheels, or attaches to the ones that
another terminal runs. A small supervisor process owns the servers: it starts them, brings back one that was
killed, and stops them when the last command that uses them has ended, however it ended. With both URLs set
nothing is started.

    with embedded.ensure() as servers:
        ...  # servers.database_url, servers.redis_url

Who uses the servers holds a shared lock on `clients.lock`; the kernel lets go of it when a process dies, so
no count can go wrong. `door.lock` is held while somebody comes, leaves or stops the servers; `alive.lock` by
the supervisor for as long as it lives.

Files: everything is in ONSHORE_HOME (default `.onshore` beside manage.py). PostgreSQL refuses to run as root,
and an unprivileged user cannot enter a folder of root's, so under root the data is in /var/tmp and, where the
programs are out of reach too, a copy of them beside it. Sockets are in a short folder of their own in /tmp: a
socket's path may not exceed 107 bytes. No server listens on a network port.

No Django here: the settings import this module.
"""

import fcntl
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.embedded.locks import is_free, locked, open_lock
from portal.embedded.place import (
    CHECKOUT,
    POLL_SECONDS,
    SIGNED_HEADS,
    START_SECONDS,
    STOP_SECONDS,
    EmbeddedError,
    Place,
    database_url,
    home,
    place,
    redis_url,
)
from portal.embedded.postgres import postmaster_is_ready, postmaster_lines
from portal.embedded.valkey import valkey_answers

# --- For commands ------------------------------------------------------------------------------------------


@dataclass
class Servers:
    """Two URLs that answer until `stop()`, or until the process ends."""

    database_url: str
    redis_url: str
    descriptor: int | None = None  # of the lock that holds the embedded ones; it is inherited by nobody
    _release: Callable[[], None] | None = field(default=None, repr=False)

    def stop(self) -> None:
        """Let go; the servers stop when nobody else uses them. A second call does nothing."""
        release, self._release = self._release, None
        if release:
            release()

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def ensure() -> Servers:
    """Servers that answer: those named in the environment, those already running here, or new ones.

    Raises EmbeddedError when they do not start.
    """
    given_database, given_redis = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    if given_database.strip() and given_redis.strip():
        return Servers(given_database, given_redis)
    here = place()
    with locked(here.lock("door")):
        clients = open_lock(here.lock("clients"))
        fcntl.flock(clients, fcntl.LOCK_SH)
        try:
            supervisor = _attach(here)
        except BaseException:
            os.close(clients)
            raise
    return Servers(
        given_database.strip() or database_url(),
        given_redis.strip() or redis_url(),
        clients,
        lambda: _leave(here, clients, supervisor),
    )


def _attach(here: Place) -> "subprocess.Popen[bytes] | None":
    """Returns when both servers answer: None where a supervisor runs already, else the one just started."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if is_free(here.lock("alive")):
            return _start_supervisor(here)
        lines = postmaster_lines(here.postgres_data)
        if valkey_answers(here.valkey_socket) and postmaster_is_ready(lines):
            return None
        time.sleep(POLL_SECONDS)  # one of them was killed and is being brought back
    raise EmbeddedError(f"The embedded servers are not responding. See {here.logs}.")


def running() -> bool:
    """True while a supervisor runs for this installation."""
    return not is_free(place().lock("alive"))


def remove() -> None:
    """Delete this installation's database, queue and sockets; refused while somebody uses them."""
    here = place()
    with locked(here.lock("door")):
        if not is_free(here.lock("alive")):
            raise EmbeddedError("The servers are in use. Stop the other commands first.")
        if here.postgres_data.exists():
            # They say what this database held; the next one would seem to have lost it.
            (home() / SIGNED_HEADS).unlink(missing_ok=True)
        for folder in (here.run, here.postgres_data, here.valkey_data, *([here.state] if here.user else [])):
            if folder.exists():
                shutil.rmtree(folder)


def _leave(here: Place, clients: int, supervisor: "subprocess.Popen[bytes] | None") -> None:
    """Let go of the servers; the last one out waits until they have stopped."""
    with locked(here.lock("door")):
        os.close(clients)
        last = is_free(here.lock("clients"))
    deadline = time.monotonic() + 2 * STOP_SECONDS + 4
    while last and time.monotonic() < deadline and not is_free(here.lock("alive")):
        # Somebody new may have come meanwhile. While the supervisor stops the servers it holds the door.
        if is_free(here.lock("door")) and not is_free(here.lock("clients")):
            break
        time.sleep(POLL_SECONDS / 2)
    if supervisor:
        supervisor.poll()  # reaps it


def _start_supervisor(here: Place) -> "subprocess.Popen[bytes]":
    here.logs.mkdir(mode=0o700, exist_ok=True)
    ready, tell = os.pipe()
    try:
        with (here.logs / "supervisor.log").open("ab") as log:
            supervisor = subprocess.Popen(
                [sys.executable, "-m", "portal.embedded", str(tell)],
                cwd=CHECKOUT,
                env={**os.environ, "ONSHORE_HOME": str(here.home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[tell],
                start_new_session=True,  # Ctrl-C in the terminal is for the command; we follow its end
            )
    finally:
        os.close(tell)
    try:
        answered = select.select([ready], [], [], START_SECONDS)[0]
        answer = os.read(ready, 4096).decode() if answered else ""
    finally:
        os.close(ready)
    if answer != "ready":
        supervisor.terminate()
        raise EmbeddedError(answer or f"The embedded servers did not start. See {here.logs}.")
    return supervisor
