"""What a hostile file could make a child do; run by tests/portal/files/test_sandbox.py in children with limits."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, Any


def echo(*args: Any) -> list[Any]:
    return list(args)


def read(count: int, source: IO[bytes]) -> str:
    return source.read(count).decode()


def environment() -> dict[str, str]:
    return dict(os.environ)


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat_memory() -> int:
    return len([bytearray(1024 * 1024) for _ in range(4096)])


def spin() -> None:
    while True:
        pass


def crash() -> None:
    os.abort()


def answer_too_much() -> str:
    return "x" * (5 * 1024 * 1024)


def no_answer() -> None:
    os._exit(0)


def raise_error() -> None:
    raise ValueError("not today")


def not_json() -> object:
    return object()


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def shout(megabytes: int) -> str:
    for _ in range(megabytes):
        sys.stdout.write("x" * 1024 * 1024)
        sys.stderr.write("x" * 1024 * 1024)
    return "done"


def fork_and_leave(told: str) -> str:
    pid = os.fork()
    if pid == 0:
        Path(told).write_text(str(os.getpid()))
        time.sleep(120)
        os._exit(0)
    deadline = time.monotonic() + 5
    while not Path(told).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return "left"
