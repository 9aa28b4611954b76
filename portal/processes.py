"""The web server, the workers and beat as children of one command, gone within seconds when it ends.

with Processes(settings.HOME / "log") as children:
    worker = children.start("worker", worker_command())
    children.start("web", web_command("127.0.0.1:8000"))
    children.wait()
"""

import ipaddress
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from portal.embedded import CHECKOUT, die_with_parent

STOP_SECONDS = 7.0


class ChildEnded(Exception):
    """A child ended that was to run on; the message names it and its log."""


def worker_command(processes: int = 2, *, log_level: str = "INFO") -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "-A", "portal.celery", "worker"),
        *(f"--loglevel={log_level}", f"--concurrency={processes}", "--without-gossip", "--without-mingle"),
    ]


def beat_command(*, log_level: str = "INFO") -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "portal.celery", "beat", f"--loglevel={log_level}"]


def web_command(bind: str, *, workers: int = 2, threads: int = 8) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "portal.wsgi:application", f"--bind={bind}"),
        *("--worker-class=gthread", f"--workers={workers}", f"--threads={threads}"),
        *("--graceful-timeout=3", "--no-control-socket"),
    ]


def is_own_machine(bind: str) -> bool:
    """Whether only this machine reaches an address like "127.0.0.1:8000", "[::1]:8000" or "unix:/folder/socket"."""
    if bind.startswith("unix:"):
        return True
    host = bind.rpartition(":")[0].strip("[]") if ":" in bind else bind
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(bind: str, *, development: bool) -> str:
    """Why the portal is not served at this address, in one sentence; empty when it is."""
    if not development or is_own_machine(bind):
        return ""
    return (
        f"Development mode shows everyone’s emails at /mail/, so it won’t run on {bind}. Use 127.0.0.1, or set "
        "ONSHORE_ENV=production."
    )


class Processes:
    """Children with a log file each in the folder `logs`; leaving the context stops them all."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """A child in a group of its own: Ctrl-C reaches this process alone, which then stops the others."""
        with (self.logs / f"{name}.log").open("ab") as out:
            child = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self.running[name] = child
        return child

    def check(self) -> None:
        """Raises ChildEnded when a child has ended by itself."""
        for name, child in self.running.items():
            code = child.poll()
            if code is not None:
                raise ChildEnded(f"{name} ended with code {code}. See {self.logs / name}.log")

    def wait(self, seconds: float | None = None) -> None:
        """Until the time is over, or forever; raises ChildEnded when a child ends before."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """SIGTERM to all at once, SIGKILL to the groups of those that are still there after 7 seconds."""
        children, self.running = list(self.running.values()), {}
        for child in children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(2)


def stop_on_signals() -> None:
    """SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt here, also where a script's "&" left SIGINT ignored.

    An ignored SIGHUP stays so: it is what nohup is for.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
