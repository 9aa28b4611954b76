"""Opening what strangers sent in a child process that may fail alone.

    verdict = run_limited("portal.files.hostile:judge", ["pdf"], source=upload, cpu_s=8, memory_bytes=…, wall_s=20)

The child is a fresh interpreter without our environment: no keys, no database. It limits itself before it imports the
work: CPU seconds, memory, size of what it writes, no children of its own, no core file. Its output and its errors go
nowhere, so it fills no pipe; its answer is JSON in a file of limited size. When it ends, or the time is over, its whole
process group is killed. The caller is a thread that waits; few do at once, and the next ones are told to come back.

Pure: no Django here, and none in what the child imports.
"""

import contextlib
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

CHECKOUT = Path(__file__).resolve().parents[2]
MEGABYTE = 1024 * 1024
# Children at work at once in this process, and callers that may wait for their turn, each for so many seconds.
AT_ONCE, WAITING, TURN_SECONDS = 2, 2, 10.0

_children = threading.BoundedSemaphore(AT_ONCE)
_callers = threading.BoundedSemaphore(AT_ONCE + WAITING)


class SandboxError(Exception):
    """The work was not done."""


class Busy(SandboxError):
    """Too many files are being opened at once. Try again soon."""


class TooMuch(SandboxError):
    """The work took more time or memory than it may, or broke the child."""


class Failed(SandboxError):
    """The work raised an exception; its type and message are ours to read, not a visitor's."""


def run_limited(
    work: str,
    args: Sequence[Any] = (),
    *,
    source: IO[bytes] | bytes | None = None,
    cpu_s: int,
    memory_bytes: int,
    wall_s: float,
    answer_bytes: int = MEGABYTE,
) -> Any:
    """What the function `work` ("package.module:name") answers for the arguments, in a child with these limits.

    `args` and the answer are what JSON can hold. `source` is handed on as one more argument, a binary file opened for
    reading at its beginning. Raises Busy, TooMuch or Failed.
    """
    with _turn(), tempfile.TemporaryFile() as answer, _readable(source) as given:
        spec = {
            "work": work,
            "args": list(args),
            "source": given,
            "answer": answer.fileno(),
            "cpu_s": cpu_s,
            "memory_bytes": memory_bytes,
            "answer_bytes": answer_bytes,
        }
        code = _run(spec, [fd for fd in (answer.fileno(), given) if fd is not None], wall_s)
        answer.seek(0)
        written = answer.read(answer_bytes + 1)
    return _answer(code, written, answer_bytes)


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """One of the few places at work; raises Busy when too many wait or none comes free in time."""
    if not _callers.acquire(blocking=False):
        raise Busy("Too many files are being opened.")
    try:
        if not _children.acquire(timeout=TURN_SECONDS):
            raise Busy("Too many files are being opened.")
        try:
            yield
        finally:
            _children.release()
    finally:
        _callers.release()


@contextlib.contextmanager
def _readable(source: IO[bytes] | bytes | None) -> Iterator[int | None]:
    """A descriptor of the source that the child reads and cannot spoil: read-only where it is a file, else a copy."""
    if source is None:
        yield None
        return
    path = getattr(source, "temporary_file_path", None)
    if path is not None:
        with open(path(), "rb") as opened:
            yield opened.fileno()
        return
    with tempfile.TemporaryFile() as copy:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        file.seek(0)
        while chunk := file.read(65536):
            copy.write(chunk)
        file.seek(0)
        copy.flush()
        copy.seek(0)
        yield copy.fileno()


def _run(spec: dict[str, Any], descriptors: list[int], wall_s: float) -> int:
    """Run the child to its end or ours; the exit code, negative for a signal."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "OPENBLAS_NUM_THREADS": "1",  # no room for threads it does not need
    }
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "portal.files.sandbox", json.dumps(spec)],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=descriptors,
            start_new_session=True,
        )
    except OSError as problem:
        raise Busy("Could not start a process.") from problem
    try:
        _wait(child.pid, wall_s)
    finally:
        # Before it is reaped, so that the number still means this group; whatever it forked goes with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    return code


def _wait(pid: int, seconds: float) -> None:
    """Until the child has ended, or the time is over; it is not reaped."""
    deadline, pause = time.monotonic() + seconds, 0.005
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() >= deadline:
            return
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def _answer(code: int, written: bytes, limit: int) -> Any:
    if code == 0 and len(written) <= limit:
        with contextlib.suppress(ValueError):
            told = json.loads(written)
            if "answer" in told:
                return told["answer"]
            if "failed" in told:
                raise Failed(told["failed"])
    raise TooMuch(f"The child ended with code {code}.")


# --- In the child ------------------------------------------------------------------------------------------


def _limit(spec: dict[str, Any]) -> None:
    import resource

    from portal.embedded.children import die_with_parent

    die_with_parent(signal.SIGKILL)()
    os.nice(5)
    wanted = {
        resource.RLIMIT_CPU: spec["cpu_s"],
        resource.RLIMIT_AS: spec["memory_bytes"],
        resource.RLIMIT_FSIZE: spec["answer_bytes"],
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(
            ValueError, OSError
        ):  # a system that does not know one of them has the others
            resource.setrlimit(what, (most, most))


def _child(spec: dict[str, Any]) -> None:
    _limit(spec)
    module, _, name = spec["work"].partition(":")
    args = list(spec["args"])
    if spec["source"] is not None:
        args.append(os.fdopen(spec["source"], "rb"))
    try:
        told = json.dumps({"answer": getattr(importlib.import_module(module), name)(*args)})
    except MemoryError:
        os._exit(3)
    except Exception:
        told = json.dumps({"failed": traceback.format_exc(limit=4)[-2000:]})
    with os.fdopen(spec["answer"], "wb") as out:
        out.write(told.encode())
    os._exit(0)  # without tidying up what hostile input has built


if __name__ == "__main__":
    _child(json.loads(sys.argv[1]))
