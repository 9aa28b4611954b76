"""A small chaotic run; `make chaos SEED=7 N=300` is a large one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.embedded import servers as embedded_servers
from tests.processes import chaos


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_whatever_dies_what_was_acknowledged_is_stored_once(
    servers: embedded_servers.Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size, seed = int(os.environ.get("ONSHORE_CHAOS_N", "16")), int(os.environ.get("ONSHORE_CHAOS_SEED", "1"))
    run = chaos.run(size, seed, servers, tmp_path / "log")
    with capsys.disabled():
        print(run.table())
    assert run.wrong() == []
