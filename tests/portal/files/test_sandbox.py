"""Opening hostile files: what it costs, who notices, and what the parent survives."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.embedded import servers as embedded_servers
from portal.files import sandbox, storing
from portal.files.sandbox import MEGABYTE, Busy, Failed, TooMuch, run_limited
from tests import factories as make
from tests.conftest import worker_environment
from tests.processes.site import Site, Visitor, free_port

HOSTILE = Path(__file__).resolve().parents[2] / "uploads"
CHECKOUT = Path(__file__).resolve().parents[3]
PASSWORD = "a long enough passphrase"
WORK = "tests.portal.files.hostile_work"
BOMBS = [
    ("pages_bomb_300k.pdf", "more than 10,000 pages"),
    ("comment45.xlsx", "parts that Office programs don’t create"),
]


def run(name: str, *args: object, wall_s: float = 20, **limits: int) -> object:
    most = {"cpu_s": 5, "memory_bytes": 200 * MEGABYTE, **limits}
    return run_limited(f"{WORK}:{name}", list(args), wall_s=wall_s, **most)  # type: ignore[arg-type]


def rss(pid: int | str = "self") -> int:
    """A process's memory now, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


# ---- the files that took a server down -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "why"), BOMBS)
def test_bomb_is_refused_soon_and_in_little_memory(name: str, why: str) -> None:
    """In an interpreter of its own, so that the children's peak is this file's. Two seconds are processor seconds."""
    code = (
        "import json, resource, sys, django; django.setup()\n"
        "from django.core.files.uploadedfile import SimpleUploadedFile as Upload\n"
        "from portal.files.storing import FileRefused, check_file\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: check_file(Upload(sys.argv[1], open(sys.argv[1], 'rb').read())); why = ''\n"
        "except FileRefused as refused: why = str(refused)\n"
        "child, own = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))\n"
        "print(json.dumps([why, child.ru_utime + child.ru_stime, child.ru_maxrss, own.ru_maxrss - before]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(HOSTILE / name)],
        cwd=CHECKOUT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    said, seconds, child, own = json.loads(done.stdout)
    assert why in said
    assert seconds < 2
    assert child < 200 * 1024 and own < 20 * 1024  # kilobytes


def test_many_bombs_leave_this_process_as_it_was() -> None:
    upload = (HOSTILE / BOMBS[0][0]).read_bytes()
    before = rss()
    for _ in range(5):
        with pytest.raises(storing.FileRefused):
            storing.check_file(SimpleUploadedFile("a.pdf", upload))
    assert rss() - before < 20 * MEGABYTE


def test_a_large_upload_is_not_read_into_memory(tmp_path: Path) -> None:
    """As Django keeps one that is larger than 2.5 MB: on the disk."""
    from django.core.files.uploadedfile import TemporaryUploadedFile

    upload = TemporaryUploadedFile("big.csv", "text/csv", 0, None)
    upload.write(b"part;qty\n" * (20 * MEGABYTE // 9))
    upload.size = upload.tell()
    before = rss()
    checked = storing.check_file(upload)
    assert checked.size > 19 * MEGABYTE and rss() - before < 10 * MEGABYTE


@pytest.mark.django_db(transaction=True)
def test_other_visitors_notice_nothing(servers: embedded_servers.Servers, tmp_path: Path) -> None:
    """Six bombs at once at the portal as it is served, while somebody else reads pages."""
    proposal = make.make_draft()
    owner = make.with_password(make.owner_of(proposal.supplier), PASSWORD)
    environment = {**worker_environment(servers), "ONSHORE_ENV": "test"}
    with Site(f"127.0.0.1:{free_port()}", environment, tmp_path / "web.log") as site:
        visitor, reader = Visitor(site), Visitor(site)
        visitor.sign_in(owner.email, PASSWORD)
        reader.get("/about/")
        assert site.process is not None
        children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children")
        web = int(children.read_text().split()[0])
        before, answers = rss(web), []

        def send() -> None:
            content = (HOSTILE / BOMBS[0][0]).read_bytes()
            head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
            body = head + content + b"\r\n--x--\r\n"
            kind = {"Content-Type": "multipart/form-data; boundary=x"}
            answers.append(visitor.post(f"/proposals/{proposal.pk}/edit/documents/", body, **kind))

        threads = [threading.Thread(target=send) for _ in range(6)]
        for thread in threads:
            thread.start()
        times = []
        while any(thread.is_alive() for thread in threads):
            page = reader.get("/about/")
            assert page.status == 200
            times.append(page.seconds)
        for thread in threads:
            thread.join(60)
        grown = rss(web) - before
    said = [
        "refused" if "more than 10,000 pages" in answer.text else "busy" if "Try again" in answer.text else ""
        for answer in answers
    ]
    assert len(said) == 6 and said.count("refused") >= 2 and "" not in said
    assert sorted(times)[len(times) // 2] < 1.5, times
    assert grown < 20 * MEGABYTE


# ---- what the parent survives ----------------------------------------------------------------------------------------


def test_child_answers_with_what_json_holds() -> None:
    assert run("echo", 1, "ü", [None, True]) == [1, "ü", [None, True]]
    read = run_limited(f"{WORK}:read", [3], source=b"abcdef", cpu_s=5, memory_bytes=200 * MEGABYTE, wall_s=20)
    assert read == "abc"


def test_child_knows_no_keys_and_no_database() -> None:
    seen = run("environment")
    assert isinstance(seen, dict)
    assert not [name for name in seen if name.startswith(("ONSHORE", "DATABASE", "REDIS", "DJANGO"))]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("kill_myself", TooMuch),
        ("eat_memory", TooMuch),
        ("spin", TooMuch),
        ("crash", TooMuch),
        ("answer_too_much", (TooMuch, Failed)),
        ("no_answer", TooMuch),
        ("raise_error", Failed),
        ("not_json", Failed),
    ],
)
def test_parent_survives(name: str, wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        run(name, cpu_s=1)
    assert run("echo") == []


def test_child_that_sleeps_is_ended_when_its_time_is_over() -> None:
    began = time.monotonic()
    with pytest.raises(TooMuch):
        run("sleep", 60, wall_s=1.5)
    assert time.monotonic() - began < 15


def test_child_that_fills_its_pipes_is_not_waited_for() -> None:
    assert run("shout", 50) == "done"


def test_what_a_child_forks_goes_with_it(tmp_path: Path) -> None:
    """It may not fork at all, except where we run as root; there its children end when it does."""
    told = tmp_path / "pid"
    try:
        run("fork_and_leave", str(told))
    except (Failed, TooMuch):
        assert not told.exists() or os.geteuid() == 0
    if told.exists():
        pid = int(told.read_text())
        deadline = time.monotonic() + 10
        while (
            Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1]
        ):
            assert time.monotonic() < deadline, "a grandchild goes on"
            time.sleep(0.05)


def test_few_work_at_once_and_the_next_ones_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "TURN_SECONDS", 0.3)
    results: list[object] = []

    def visit() -> None:
        try:
            results.append(run("sleep", 3))
        except Busy:
            results.append("busy")

    threads = [threading.Thread(target=visit) for _ in range(sandbox.AT_ONCE + sandbox.WAITING + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (results.count("slept"), results.count("busy")) == (sandbox.AT_ONCE, sandbox.WAITING + 3)
    assert run("echo") == []


def test_busy_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_callers", threading.BoundedSemaphore(1))
    sandbox._callers.acquire()
    with pytest.raises(storing.FileRefused, match="Try again in a minute"):
        storing.check_file(SimpleUploadedFile("a.pdf", b"%PDF-1.4"))


# ---- the command -----------------------------------------------------------------------------------------------------


def test_command_judges_as_the_form_does_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Plain text.")
    (tmp_path / "page.html").write_text("<html>")
    paths = [tmp_path / "note.txt", tmp_path / "page.html", tmp_path / "gone.pdf", HOSTILE / "comment45.xlsx"]
    done = subprocess.run(
        [sys.executable, "manage.py", "check_file", *map(str, paths), "--json"],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "ONSHORE_ENV": "test",
            "ONSHORE_HOME": str(settings.HOME),
            "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent",
            "REDIS_URL": "unix:///nonexistent",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(row) for row in rows] == [{"file", "ok", "kind", "why"}] * 4
    assert [(row["file"], row["ok"], row["kind"]) for row in rows] == [
        (str(paths[0]), True, "txt"),
        *((str(path), False, None) for path in paths[1:]),
    ]
    assert "We can’t accept this file type" in rows[1]["why"] and "Office programs" in rows[3]["why"]
