"""A scratch copy of the portal, to perform a recipe of CONTRIBUTING.md in and to ask over HTTP what came of it.

scratch = Scratch(tmp_path, servers)
scratch.write("suppliers/rules/patents.py", RULE)
scratch.put("suppliers/rules/__init__.py", "        patents.patents,\\n", before="        safety.injuries")
scratch.migrate()
with scratch.served() as site:
    assert "Patents" in Visitor(site).get("/rules/").text
assert scratch.strays("Add a rule", only="suppliers") == set()
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from portal.embedded import place
from portal.embedded import servers as embedded_servers
from tests.processes.site import CHECKOUT, Site, free_port

# Beside the copy, so that it does not count as part of the recipe: nothing that is enqueued reaches a worker.
SETTINGS = """
from portal.settings import *
CELERY_TASK_ROUTES = ["tests.processes.broker.route"]
"""
MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
TEMPLATE = "recipes"
# A path in backticks: it has a slash, and ends in one or in a file's name.
PATH = re.compile(r"`([\w<>./-]*/(?:[\w<>-]+\.\w+)?)`")


def paths_of(heading: str, *, only: str = "") -> list[str]:
    """The paths in the numbered steps under a heading of CONTRIBUTING.md; of one app, and of its tests, with `only`."""
    text = (CHECKOUT / "CONTRIBUTING.md").read_text()
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section, f"CONTRIBUTING.md has no recipe “{heading}”"
    steps = re.findall(r"^\d\. .*(?:\n   .*)*", section, re.MULTILINE)
    found = [path for step in steps for path in PATH.findall(step)]
    return [path for path in found if not only or path.removeprefix("tests/").startswith(f"{only}/")]


def fits(path: str, named: str) -> bool:
    """Whether a file is the one that a recipe names: itself, one in that folder, or "<any>.py"."""
    pattern = re.sub(r"<\w+>", "[^/]+", re.escape(named)).replace(r"\-", "-")
    return re.fullmatch(pattern + ("[^/]+" if named.endswith("/") else ""), path) is not None


class Scratch:
    """The tracked files as they are in the working tree, in a folder of their own, on a database of their own."""

    def __init__(self, folder: Path, servers: embedded_servers.Servers) -> None:
        self.folder, self.beside = folder / "portal", folder
        for name in _tracked():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, self.folder / name)
        (self.folder / "node_modules").symlink_to(CHECKOUT / "node_modules")
        (folder / "scratch_settings.py").write_text(SETTINGS)
        self.before = self._files()
        self.database = f"recipe_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
        self.environment = {
            **_environment(servers, self.database),
            "ONSHORE_HOME": str(folder / "home"),
            "DJANGO_SETTINGS_MODULE": "scratch_settings",
            "PYTHONPATH": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    # ---- the recipe --------------------------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / name).exists(), f"{name} is there already"
        (self.folder / name).write_text(text)

    def put(self, name: str, text: str, *, before: str = "", after: str = "") -> None:
        """More text in a file, before or after words that stand in it once, or at its end."""
        path = self.folder / name
        there, anchor = path.read_text(), before or after
        if not anchor:
            path.write_text(there + text)
            return
        assert there.count(anchor) == 1, f"“{anchor}” stands {there.count(anchor)} times in {name}"
        path.write_text(there.replace(anchor, text + anchor if before else anchor + text))

    def touched(self) -> set[str]:
        """The files that the recipe made or changed."""
        now = self._files()
        return {name for name in {*now, *self.before} if now.get(name) != self.before.get(name)}

    def strays(self, heading: str, *, only: str = "") -> set[str]:
        """Files touched that the recipe does not name, and paths named that nothing touched; none is right."""
        named, touched = paths_of(heading, only=only), self.touched()
        unnamed = {path for path in touched if not any(fits(path, each) for each in named)}
        return unnamed | {each for each in named if not any(fits(path, each) for path in touched)}

    # ---- what came of it ---------------------------------------------------------------------------------------------

    def python(self, *words: str) -> str:
        """What a Python command says in the copy. Fails with all that it said."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def test(self, name: str, *words: str) -> None:
        """Run a test file that the recipe wrote. It has no database: that of a copy is for what is served."""
        self.python("-m", "pytest", "-q", "--ds=tests.settings", "-p", "no:cacheprovider", name, *words)

    def migrate(self, then: str = "") -> str:
        """A database as today's checkout leaves it (`make_template`), then what the recipe adds to it. What `then`
        prints, Python that runs in the same process: each one takes seconds to start.
        """
        with _as_owner() as cursor:
            cursor.execute(f"CREATE DATABASE {self.database} TEMPLATE {TEMPLATE}")
        return self.python("-c", MIGRATE + then)

    @contextmanager
    def served(self) -> Iterator[Site]:
        """The copy, as gunicorn serves it."""
        log = self.beside / "web.log"
        bind = f"127.0.0.1:{free_port()}"
        with Site(bind, self.environment, log, folder=self.folder) as site:
            yield site

    def remove(self) -> None:
        """The database and the copy; what is in them is of no use to anybody."""
        with _as_owner() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _files(self) -> dict[str, str]:
        """Every file but those that running it leaves behind: name → SHA-256."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file()
            and not {"__pycache__", "node_modules", ".pytest_cache", ".hypothesis"} & set(path.parts)
        }


def make_template(servers: embedded_servers.Servers) -> None:
    """The database that each copy's is made from: all migrations of the checkout, and no rows."""
    with _as_owner() as cursor:
        cursor.execute(f"CREATE DATABASE {TEMPLATE}")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=CHECKOUT,
        env={**os.environ, **_environment(servers, TEMPLATE), "DJANGO_SETTINGS_MODULE": "portal.settings"},
        timeout=300,
        check=True,
    )


def _environment(servers: embedded_servers.Servers, database: str) -> dict[str, str]:
    """What a process needs to work on a database of the tests' servers."""
    return {
        "DATABASE_URL": place.database_url().replace("/onshore?", f"/{database}?"),
        "ONSHORE_OWNER_DATABASE_URL": place.owner_url().replace("/onshore?", f"/{database}?"),
        "REDIS_URL": servers.redis_url,
        "ONSHORE_ENV": "test",
    }


def _tracked() -> list[str]:
    """Names of the files that git tracks, and of new ones that it does not ignore."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (CHECKOUT / name).is_file()})


@contextmanager
def _as_owner() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the owner's outside every database that is made and dropped here."""
    connection = psycopg2.connect(place.owner_url().replace("/onshore?", "/postgres?"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
