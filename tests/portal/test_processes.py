"""Starting and stopping: what one signal ends, and that nothing stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 120


def at_work(home: Path) -> list[str]:
    """The processes that were started with that home; the servers end a moment after the last who used them."""
    asked = subprocess.run(["ps", "axeww", "-o", "args"], capture_output=True, text=True, check=True)
    return [line[:80] for line in asked.stdout.splitlines() if f"ONSHORE_HOME={home} " in f"{line} "]


def wait_until_nobody_is_at_work(home: Path) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    while (left := at_work(home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_the_portal_and_all_its_children(tmp_path, number):
    home = tmp_path / "home"
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    } | {
        "ONSHORE_ENV": "development",
        "ONSHORE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    served = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{free_port()}"],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As a script's "&" leaves it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        assert served.stdout is not None
        said = ""
        for said in served.stdout:
            if "Ctrl-C" in said:
                break
        assert "Ctrl-C" in said, said
        assert len(at_work(home)) >= 4  # this one, a worker, beat, a web server
        served.send_signal(number)
        assert served.wait(PATIENCE) == 0
        assert wait_until_nobody_is_at_work(home) == []
    finally:
        served.kill()
        served.wait()
        wait_until_nobody_is_at_work(home)
        subprocess.run(
            [sys.executable, "-m", "portal.embedded", "remove"], cwd=CHECKOUT, env=environment, check=False
        )
