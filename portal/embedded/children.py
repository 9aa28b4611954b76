"""A server as our own child: started, revived, stopped, and gone when we are."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.embedded.place import START_SECONDS, STOP_SECONDS, EmbeddedError, Place

PR_SET_PDEATHSIG = 1


# --- The supervisor ----------------------------------------------------------------------------------------


@dataclass
class Server:
    """One program, how to start it, how to know that it answers, and the signals that stop it, in order."""

    name: str
    command: list[str]
    answers: Callable[[int], bool]
    stop_signals: tuple[signal.Signals, ...]
    place: Place
    before: Callable[[], None] = lambda: None
    process: "subprocess.Popen[bytes] | None" = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start and wait until it answers.

        A PostgreSQL that was killed leaves children that end by themselves within moments; until then a new
        one is refused their shared memory, so a start that fails at once is tried again a few times.
        """
        self.starts = [*self.starts[-9:], time.monotonic()]
        log = self.place.logs / f"{self.name}.log"
        for _ in range(5):
            self.before()
            with log.open("ab") as out:
                self.process = popen(self.place, self.command, stdout=out, stderr=out)
            if self._comes_up(self.process):
                return
            time.sleep(0.3)
        raise EmbeddedError(f"{self.name} did not start: {last_line(log)} ({log})")

    def _comes_up(self, process: "subprocess.Popen[bytes]") -> bool:
        deadline = time.monotonic() + START_SECONDS / 2
        while time.monotonic() < deadline:
            if self.answers(process.pid):
                return True
            if process.poll() is not None:
                return False
            time.sleep(0.02)
        process.kill()
        process.wait()
        return False

    def revive(self) -> None:
        """Start it again when it died; give up when it dies all the time."""
        if self.process is None or self.process.poll() is None:
            return
        if len(self.starts) >= 10 and time.monotonic() - self.starts[-10] < 60:
            raise EmbeddedError(f"{self.name} keeps stopping. See {self.place.logs}.")
        self.start()

    def stop(self) -> None:
        if self.process is None:
            return
        for number in (*self.stop_signals, signal.SIGKILL):
            with contextlib.suppress(subprocess.TimeoutExpired, ProcessLookupError):
                self.process.send_signal(number)
                self.process.wait(STOP_SECONDS)
            if self.process.poll() is not None:
                return


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """For Popen's `preexec_fn`: the child gets this signal when we end, even by kill -9 (on Linux).

    The C library is loaded before the fork: after it, as little as possible may happen.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def before_exec() -> None:
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, number)

    return before_exec


def popen(here: Place, command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
    """A server's process: as the servers' user, with next to no environment, and gone when we are."""
    if here.user:
        options |= {"user": here.user[0], "group": here.user[1], "extra_groups": []}
    return subprocess.Popen(
        command,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGINT),
        **{"stdin": subprocess.DEVNULL, **options},
    )


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "no output"
