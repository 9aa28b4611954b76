"""The process that owns both servers until nobody uses them."""

import contextlib
import os
import signal
import stat
import subprocess
import time
from types import FrameType

from portal.embedded.children import Server
from portal.embedded.locks import is_free, try_lock
from portal.embedded.place import POLL_SECONDS, EmbeddedError, Place, place
from portal.embedded.postgres import postgres_server
from portal.embedded.valkey import valkey_server


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
