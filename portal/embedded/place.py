"""Where the embedded servers keep their files, and how they are reached."""

import contextlib
import os
import pwd
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ROLE = DATABASE = "onshore"  # the owner, made by initdb
APP_ROLE = "onshore_app"  # what web, workers and most commands connect as: it owns nothing
START_SECONDS = 90.0
STOP_SECONDS = 8.0
SIGNED_HEADS = "heads.jsonl"  # written by heads.py, about what the database holds
POLL_SECONDS = 0.1


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
