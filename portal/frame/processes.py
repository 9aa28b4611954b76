"""The web server and the workers as children of one command: brought back when one dies, gone when the command ends.

with Processes(settings.HOME / "log") as children:
    children.start("worker", worker_command(beat=True))
    children.start("web", web_command("127.0.0.1:8000"))
    children.wait()

A command of Django's that only watches children still holds the memory of Django. `become` replaces it by this module
alone, which knows neither Django nor Celery.
"""

import ipaddress
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from portal.embedded import place
from portal.embedded import servers as embedded_servers
from portal.embedded.children import die_with_parent
from portal.embedded.place import CHECKOUT

STOP_SECONDS = 7.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a child that died starts again: doubled each time
WELL_SECONDS = 60.0  # a child that ran so long was well, and its pause begins anew
TRIES = (
    3  # of a child that was never well and ends by itself: an address in use, a setting that makes no sense
)
# What a dead child leaves behind, such as web processes in the middle of an answer, has so long to end by itself.
LEFTOVERS_SECONDS = 4.0


class ChildEnded(Exception):
    """A child does not start at all; the message names it and its log."""


def worker_command(processes: int = 2, *, beat: bool = False, log_level: str = "INFO") -> list[str]:
    """A worker for every queue; with `beat` it runs the clock, too, as a fork of itself that costs little memory."""
    return [
        *(sys.executable, "-m", "celery", "-A", "portal.celery", "worker"),
        *(f"--loglevel={log_level}", f"--concurrency={processes}", "--without-gossip", "--without-mingle"),
        *(["--beat"] if beat else []),
    ]


def web_command(bind: str, *, workers: int = 2, threads: int = 8) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "portal.wsgi:application", f"--bind={bind}"),
        *("--worker-class=gthread", f"--workers={workers}", f"--threads={threads}"),
        # Loaded once, before the fork: the processes share what they do not change.
        *("--preload", "--graceful-timeout=3", "--no-control-socket"),
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


@dataclass
class Child:
    """One child: how it is started, since when it runs, and when it starts again after it died (monotonic seconds)."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"
    started: float
    deaths: int = 0  # in a row, each after less than WELL_SECONDS
    failures: int = 0  # of these, in a row, those that nobody killed
    was_well: bool = False
    died: float = 0.0
    due: float | None = None

    def pause(self) -> float:
        """In seconds."""
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (self.deaths - 1))


class Processes:
    """Children with a log file each in the folder `logs`; leaving the context stops them all.

    `say` is told each death and each new start; the file processes.log has both with their time.
    """

    def __init__(self, logs: Path, say: Callable[[str], None] | None = None) -> None:
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs = logs
        self.children: dict[str, Child] = {}
        self.say = say or (lambda _words: None)

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def running(self) -> "dict[str, subprocess.Popen[bytes]]":
        return {name: child.process for name, child in self.children.items()}

    def start(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """A child in a group of its own: Ctrl-C reaches this process alone, which then stops the others."""
        own = dict(environment or {})
        process = self._popen(name, command, own)
        self.children[name] = Child(name, command, own, process, time.monotonic())
        return process

    def _popen(self, name: str, command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        with (self.logs / f"{name}.log").open("ab") as out:
            return subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def look(self) -> None:
        """Bring back what died and has paused. Raises ChildEnded when a child dies at each of its first starts."""
        now = time.monotonic()
        for child in self.children.values():
            if child.due is None:
                code = child.process.poll()
                if code is not None:
                    self._died(child, code, now)
            elif now >= child.due and self._is_gone(child, now):
                child.process = self._popen(child.name, child.command, child.environment)
                child.started, child.due = now, None
                self._tell(f"{child.name} is running again as process {child.process.pid}.")

    def _died(self, child: Child, code: int, now: float) -> None:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        log = self.logs / f"{child.name}.log"
        if now - child.started >= WELL_SECONDS:
            child.was_well, child.deaths = True, 0
        child.deaths += 1
        child.failures = 0 if code < 0 else child.failures + 1
        _signal_group(child.process.pid, signal.SIGTERM)
        if not child.was_well and child.failures >= TRIES:
            raise ChildEnded(f"{child.name} {how}, {child.failures} times in a row. See {log}.")
        child.died, child.due = now, now + child.pause()
        self._tell(f"{child.name} {how}; restarting in {child.pause():.0f} s. See {log}.")

    def _is_gone(self, child: Child, now: float) -> bool:
        """Whether nothing of a dead child is left; what stays too long is killed."""
        left = _signal_group(child.process.pid, 0)
        if left and now - child.died >= LEFTOVERS_SECONDS:
            _signal_group(child.process.pid, signal.SIGKILL)
            return True
        return not left

    def _tell(self, words: str) -> None:
        with (self.logs / "processes.log").open("a") as log:
            log.write(f"{time.strftime('%FT%TZ', time.gmtime())} {words}\n")
        self.say(words)

    def wait(self, seconds: float | None = None) -> None:
        """Until the time is over, or forever, bringing back what dies. Raises ChildEnded, as `look` does."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            self.look()
            time.sleep(0.2)

    def stop(self) -> None:
        """SIGTERM to all at once, SIGKILL to the groups of those that are still there after 7 seconds."""
        processes, self.children = list(self.running.values()), {}
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process.pid, signal.SIGKILL)
                process.wait(2)


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to whatever is in a group; whether anything was. Zero only asks."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def become(commands: Mapping[str, list[str]], *, logs: Path, words: str) -> NoReturn:
    """Replace this process by one that only watches these children until a signal, and says `words` once they run.

    The embedded servers, where they are used, are held across: they end when nobody does.
    """
    servers = embedded_servers.ensure()
    if servers.descriptor is not None:
        os.set_inheritable(servers.descriptor, True)
    told = json.dumps(
        {"commands": dict(commands), "logs": str(logs), "words": words, "held": servers.descriptor}
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "portal.frame.processes", told])


def _watch(told: str) -> int:
    """What `become` made of a command; the exit code."""
    stop_on_signals()
    plan = json.loads(told)
    try:
        with (
            embedded_servers.ensure(),
            Processes(Path(plan["logs"]), lambda words: print(words, flush=True)) as children,
        ):
            if plan["held"] is not None:
                os.close(plan["held"])
            for name, command in plan["commands"].items():
                children.start(name, command)
            print(plan["words"], flush=True)
            children.wait()
    except KeyboardInterrupt:
        print("Stopping.", flush=True)
    except (ChildEnded, place.EmbeddedError) as problem:
        print(f"Onshore: {problem}", file=sys.stderr, flush=True)
        return 1
    return 0


def stop_on_signals() -> None:
    """SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt here, also where a script's "&" left SIGINT ignored.

    An ignored SIGHUP stays so: it is what nohup is for.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(_watch(sys.argv[1]))
