"""What a load balancer asks is answered whoever asks, and says what works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.processes.site import Site, Visitor, free_port

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "10.0.3.7", "no such host", "onshore.example", ""])
def test_alive_is_answered_for_every_host_and_without_https(host: str, settings: object) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["onshore.example"], True  # type: ignore[attr-defined]
    answer = Client(headers={"Host": host}).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_ready_when_database_and_broker_answer() -> None:
    answer = Client(headers={"Host": "10.0.3.7"}).get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": True, "redis": True})


def test_questions_are_asked_not_posted(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.head("/healthz").status_code == 200


def test_in_production_without_servers(tmp_path: Path) -> None:
    """Alive, not ready, and no traceback in the log for an address instead of a name."""
    environment = {
        "ONSHORE_ENV": "production",
        "ONSHORE_HOSTS": "onshore.example",
        "ONSHORE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent",
        "REDIS_URL": "unix:///nonexistent/socket",
    }
    with Site(f"127.0.0.1:{free_port()}", environment, tmp_path / "web.log") as site:
        visitor = Visitor(site, headers={"Host": site.bind})
        assert visitor.get("/healthz").status == 200
        assert visitor.get("/readyz").status == 503
    said = (tmp_path / "web.log").read_text()
    assert "Traceback" not in said and "DisallowedHost" not in said


def test_the_image_asks_the_path_that_answers() -> None:
    assert "http://127.0.0.1:8000/healthz" in (CHECKOUT / "Dockerfile").read_text()


def test_static_files_are_for_everybody_and_documents_for_nobody_else(tmp_path: Path) -> None:
    """Collected as root under a strict umask, they are still read by the user that serves them."""
    code = (
        "import os; os.umask(0o077)\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('collectstatic', interactive=False, verbosity=0)\n"
        "from django.core.files.base import ContentFile\n"
        "from django.core.files.storage import default_storage\n"
        "default_storage.save('documents/ab/abc', ContentFile(b'x'))\n"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ONSHORE_ENV": "production",
        "ONSHORE_HOSTS": "onshore.example",
        "ONSHORE_HOME": str(tmp_path / "home"),
        "ONSHORE_STATIC_ROOT": str(tmp_path / "static"),
        "DATABASE_URL": "postgresql://nobody/nothing",
        "REDIS_URL": "redis://nobody",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert modes(tmp_path / "static") == {"folder": {0o755}, "file": {0o644}}
    assert modes(tmp_path / "home" / "files") == {"folder": {0o700}, "file": {0o600}}


def modes(folder: Path) -> dict[str, set[int]]:
    everything = [folder, *folder.rglob("*")]
    return {
        "folder": {path.stat().st_mode & 0o777 for path in everything if path.is_dir()},
        "file": {path.stat().st_mode & 0o777 for path in everything if path.is_file()},
    }
