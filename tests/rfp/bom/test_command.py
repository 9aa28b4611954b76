"""manage.py bom: what it prints and how it ends, without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CASES = Path(__file__).parent / "cases"
LINE = [
    "row",
    "name",
    "part_number",
    "manufacturer",
    "mpn",
    "qty",
    "unit_cost",
    "currency",
    "origin",
    "level",
    "parent",
]


def run(*args, **env):
    command = [sys.executable, "manage.py", "bom", *map(str, args)]
    given = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", **env}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=600)


def test_json_has_the_keys_that_are_promised():
    done = run(CASES / "bom22-qty-per-assembly.csv", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {
        "rows", "lines", "left_out", "questions", "errors", "total", "columns", "encoding", "delimiter", "notes",
    }  # fmt: skip
    assert list(found["lines"][1]) == LINE
    assert found["lines"][1] == {
        "row": 3,
        "name": "Board",
        "part_number": "BRD-1",
        "manufacturer": None,
        "mpn": None,
        "qty": 2,
        "unit_cost": 150,
        "currency": "USD",
        "origin": "CN",
        "level": 2,
        "parent": 2,
    }
    assert (found["rows"], found["total"], found["encoding"], found["delimiter"]) == (4, 500, "utf-8", ",")
    assert found["questions"][0]["kind"] == "quantity_basis" and found["questions"][0]["rows"] == [3, 4]
    assert found["columns"]["qty"] == "Qty per assembly" and found["columns"]["currency"] is None


def test_text_shows_lines_total_and_doubts():
    done = run(CASES / "total.csv")
    assert done.returncode == 0, done.stderr
    assert "Cabinet, steel, welded" in done.stdout and "Total $7,302.61" in done.stdout
    assert "Left out: row 7." in done.stdout


def test_no_table_ends_with_one_sentence_and_1(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear sir,\nwe have no BOM.\n")
    for path, words in ((letter, "has no table"), (tmp_path / "none.csv", "Can't open")):
        done = run(path, "--json")
        assert done.returncode == 1 and done.stdout == ""
        assert words in done.stderr and len(done.stderr.strip().splitlines()) == 1
