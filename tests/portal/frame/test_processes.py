"""Starting, dying and stopping: what comes back, what one signal ends, and that nothing stays behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.frame import processes
from portal.frame.processes import ChildEnded, Processes
from tests.processes.site import Site, Visitor, free_port, parent_of, state_of, wait_until

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE = 120


def at_work(home: Path) -> list[str]:
    """The processes that were started with that home; the servers end a moment after the last who used them."""
    asked = subprocess.run(["ps", "axeww", "-o", "args"], capture_output=True, text=True, check=True)
    return [line[:80] for line in asked.stdout.splitlines() if f"ONSHORE_HOME={home} " in f"{line} "]


def wait_until_nobody_is_at_work(home: Path) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    while (left := at_work(home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@dataclass
class Served:
    """`manage.py serve` in a home of its own."""

    process: subprocess.Popen[str]
    home: Path
    bind: str

    def pids(self, words: str) -> set[int]:
        """Its living processes, without itself, whose command line has these words."""
        mark = f"ONSHORE_HOME={self.home}".encode()
        return {
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit()
            and int(folder.name) != self.process.pid
            and mark in read(folder / "environ").split(b"\0")
            and words in read(folder / "cmdline").replace(b"\0", b" ").decode(errors="replace")
            and state_of(int(folder.name)) != "Z"
        }

    def top(self, words: str) -> int:
        """The one of them that started the others; 0 while there is none."""
        found = self.pids(words)
        return next((pid for pid in sorted(found) if parent_of(pid) not in found), 0)

    def log(self, name: str) -> str:
        return read(self.home / "log" / f"{name}.log").decode()


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    home, bind = tmp_path / "home", f"127.0.0.1:{free_port()}"
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    } | {
        "ONSHORE_ENV": "development",
        "ONSHORE_HOME": str(home),
        "ONSHORE_WORKER_NICE": "10",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", bind],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As a script's "&" leaves it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        assert process.stdout is not None
        said = ""
        for said in process.stdout:
            if "Ctrl-C" in said:
                break
        assert "Ctrl-C" in said, said
        yield Served(process, home, bind)
    finally:
        process.kill()
        process.wait()
        wait_until_nobody_is_at_work(home)
        subprocess.run(
            [sys.executable, "-m", "portal.embedded", "remove"], cwd=CHECKOUT, env=environment, check=False
        )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_the_portal_and_all_its_children(served: Served, number: signal.Signals) -> None:
    assert len(at_work(served.home)) >= 4  # this one, a worker, a web server, the servers' supervisor
    served.process.send_signal(number)
    assert served.process.wait(PATIENCE) == 0
    assert wait_until_nobody_is_at_work(served.home) == []


def answers(served: Served) -> bool:
    try:
        return Visitor(Site(served.bind, {}, served.home / "unused.log")).get("/readyz").status == 200
    except OSError:
        return False


def ready(served: Served) -> int:
    """How often a worker said that it is ready."""
    return len(re.findall(r"\bready\.$", served.log("worker"), re.MULTILINE))


@pytest.mark.slow
def test_what_dies_comes_back_and_the_log_says_so(served: Served) -> None:
    wait_until(lambda: answers(served) and ready(served) == 1)
    used = memory_in_megabytes(served)
    assert 100 < used < 500, used

    web = served.top("gunicorn")
    assert web > 0
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: "web is running again" in served.log("processes") and answers(served))
    assert "web was killed by signal 9; restarting in 1 s" in served.log("processes")
    assert served.top("gunicorn") != web

    worker = served.top("celery")
    assert worker > 0
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: ready(served) == 2)
    assert re.search(rf"worker is running again as process {served.top('celery')}\.", served.log("processes"))

    beat = the_clock(served)
    assert parent_of(beat) == served.top("celery")
    os.kill(beat, signal.SIGKILL)
    wait_until(lambda: "beat ended; it runs again" in served.log("worker"))
    assert the_clock(served) != beat and parent_of(the_clock(served)) == served.top("celery")

    # People come first.
    ours = os.getpriority(os.PRIO_PROCESS, served.process.pid)
    assert {os.getpriority(os.PRIO_PROCESS, pid) - ours for pid in served.pids("celery")} == {10}
    assert {os.getpriority(os.PRIO_PROCESS, pid) - ours for pid in served.pids("gunicorn")} == {0}


def the_clock(served: Served) -> int:
    """The process that the worker last said runs the clock; 0 before it said so."""
    said = re.findall(r"beat .*as process (\d+)$", served.log("worker"), re.MULTILINE)
    return int(said[-1]) if said else 0


def memory_in_megabytes(served: Served) -> float:
    """The proportional share of each process that belongs to the portal, the servers too."""
    ours = {served.process.pid} | served.pids("") | servers_of(served)
    found = [
        re.search(rb"^Pss: +(\d+) kB", read(Path(f"/proc/{pid}/smaps_rollup")), re.MULTILINE) for pid in ours
    ]
    return sum(int(each.group(1)) for each in found if each) / 1024


def servers_of(served: Served) -> set[int]:
    """PostgreSQL and Valkey, which are told nothing of the home: all below the supervisor."""
    parents = {
        int(folder.name): parent_of(int(folder.name))
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and state_of(int(folder.name)) not in ("", "Z")
    }
    below = served.pids("portal.embedded")
    assert below
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return below


# ---- any children --------------------------------------------------------------------------------------------------


def looking(children: Processes, is_true: Callable[[], bool]) -> None:
    def look() -> bool:
        children.look()
        return is_true()

    wait_until(look)


def test_a_child_that_is_killed_starts_again(tmp_path: Path) -> None:
    said: list[str] = []
    with Processes(tmp_path, said.append) as children:
        first = children.start("sleeper", ["sleep", "1000"])
        children.look()
        assert said == []
        first.kill()
        looking(children, lambda: len(said) == 2)
        again = children.running["sleeper"]
        assert again.pid != first.pid and again.poll() is None
        assert said == [
            f"sleeper was killed by signal 9; restarting in 1 s. See {tmp_path / 'sleeper.log'}.",
            f"sleeper is running again as process {again.pid}.",
        ]
    assert again.poll() is not None
    log = (tmp_path / "processes.log").read_text().splitlines()
    assert [line.partition(" ")[2] for line in log] == said


def test_what_a_dead_child_leaves_is_gone_before_it_starts_again(tmp_path: Path) -> None:
    """A web server's processes outlive their master for a moment, and hold its address."""
    code = "trap '' TERM; sh -c 'trap \"\" TERM; sleep 1000' & echo $! >> pids; wait"
    with Processes(tmp_path) as children:
        child = children.start("web", ["sh", "-c", f"cd {tmp_path}; {code}"])
        wait_until(lambda: (tmp_path / "pids").exists() and bool((tmp_path / "pids").read_text().strip()))
        left = int((tmp_path / "pids").read_text())
        child.kill()
        looking(children, lambda: children.running["web"] is not child)
        assert state_of(left) in ("", "Z")
        os.killpg(children.running["web"].pid, signal.SIGKILL)


def test_the_pause_grows_and_begins_anew_after_a_minute_of_health() -> None:
    child = processes.Child("web", [], {}, None, 0.0)  # type: ignore[arg-type]
    pauses = []
    for child.deaths in range(1, 10):
        pauses.append(child.pause())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_child_that_was_well_is_brought_back_as_often_as_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)
    with Processes(tmp_path) as children:
        children.start("web", ["false"])
        children.children["web"].was_well = True
        looking(children, lambda: children.children["web"].deaths == processes.TRIES + 2)


def test_a_child_that_never_starts_ends_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)
    with Processes(tmp_path) as children:
        children.start("web", ["sh", "-c", "exit 7"])
        with pytest.raises(ChildEnded, match="web ended with code 7, 3 times in a row"):
            looking(children, lambda: False)
