"""The command: exit codes, sentences, difference lines, and files that are written."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scoring.calculation.file.command import main
from tests.scoring.calculation.files import a_file, as_bytes, criterion, marks, one_set, priced

CHECKOUT = Path(__file__).resolve().parents[4]


@pytest.fixture
def content() -> dict[str, Any]:
    """Two sets with most of what a file can hold."""
    found = priced(
        {"A": "100", "B": "120", "C": None},
        {"price": {"formula": "lowest_ratio", "points": "30"}},
        {"A": "70"},
    )
    found["sets"][0]["proposals"][0] |= {"received_at": "2026-01-01T00:00:00Z", "holds": ["origin"]}
    found["sets"].append(
        one_set([{"id": "D", "price": "7"}], marks("D", "T", "50", "60"), window=2, lot="L2")
    )
    return found


def run(path: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main([str(path), *options])
    said = capsys.readouterr()
    return code, said.out, said.err


def saved(folder: Path, content: Any, name: str = "file.json") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else as_bytes(content))
    return path


def test_written_results_are_equal_and_stay_the_same(
    tmp_path: Path, content: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out, again = saved(tmp_path, content), tmp_path / "out.json", tmp_path / "again.json"
    code, said, _ = run(path, capsys=capsys)
    assert (code, said) == (
        0,
        "The file has no results to compare. It holds 4 proposals in 2 sets; --write computes them.\n",
    )
    assert run(path, "--write", str(out), capsys=capsys) == (0, f"Wrote {out}.\n", "")
    assert run(out, capsys=capsys) == (0, "All results are equal: 4 proposals in 2 sets.\n", "")
    assert run(out, "--write", str(again), capsys=capsys)[0] == 0
    assert out.read_bytes() == again.read_bytes()
    assert run(out, "--write", str(out), capsys=capsys)[0] == 0
    assert out.read_bytes() == again.read_bytes()


def test_the_checksum_is_of_the_canonical_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers as strings, as they were written; keys in order; no space; results and checksum left out."""
    text = (
        '{"sets": [{"proposals": [{"id": "\\u00c5\\n"}], "results": []}], "criteria": [], "method":'
        ' {"trim": 0.10, "threshold": null, "price_open": false}, "format": "onshore-evaluation/1"}'
    )
    canonical = (
        '{"criteria":[],"format":"onshore-evaluation/1","method":{"price_open":false,"threshold":null,"trim":"0.10"},'
        '"sets":[{"proposals":[{"id":"Å\\n"}]}]}'
    )
    path = saved(tmp_path, text.encode())
    run(path, "--write", str(path), capsys=capsys)
    written = json.loads(path.read_text())
    assert written["inputs_sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert list(written)[:2] == ["sets", "criteria"], "keys keep their order"
    assert '"trim": 0.10' in path.read_text(), "numbers stay as they were written"


def test_keys_sort_by_utf16(tmp_path: Path) -> None:
    """RFC 8785, 3.2.3: an emoji (a surrogate pair) comes before U+FB33."""
    from scoring.calculation.file.writing import canonical

    assert canonical({"\ufb33": "1", "\U0001f600": "2", "a\u20ac": ['"\\\x07\x7f/']}) == (
        '{"a\u20ac":["\\"\\\\\\u0007\x7f/"],"\U0001f600":"2","\ufb33":"1"}'
    )


CHANGES = [
    (("rank",), 2, "Window 1, proposal A: rank: stored 2, computed 1."),
    (("total",), "79.1", "Window 1, proposal A: total: stored 79.1, computed 79."),
    (("technical",), 49.5, "Window 1, proposal A: technical: stored 49.5, computed 49."),
    (("technical_percent",), "71", "Window 1, proposal A: technical_percent: stored 71, computed 70."),
    (("technical_final",), None, "Window 1, proposal A: technical_final: stored null, computed 49."),
    (("price_points",), "29", "Window 1, proposal A: price_points: stored 29, computed 30."),
    (("shared",), True, "Window 1, proposal A: shared: stored true, computed false."),
    (("tie_step",), "draw", "Window 1, proposal A: tie_step: stored draw, computed “”."),
    (("standing",), "withdrawn", "Window 1, proposal A: standing: stored withdrawn, computed ranked."),
    (("flags",), [], "Window 1, proposal A: flags: stored [], computed [origin]."),
    (("criteria", 0, "n"), 2, "Window 1, proposal A, criterion T: n: stored 2, computed 1."),
    (("criteria", 0, "value"), "7", "Window 1, proposal A, criterion T: value: stored 7, computed 70."),
    (("criteria", 0, "points"), "94", "Window 1, proposal A, criterion T: points: stored 94, computed 49."),
]


@pytest.fixture
def written(tmp_path: Path, content: Any, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    content["sets"][0]["marks"][1]["mark"] = "10"
    path = saved(tmp_path, content)
    run(path, "--write", str(path), capsys=capsys)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize(("keys", "value", "line"), CHANGES)
def test_each_difference_is_named(
    tmp_path: Path, written: Any, keys: Any, value: Any, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at = written["sets"][0]["results"][0]
    for key in keys[:-1]:
        at = at[key]
    assert at[keys[-1]] != value
    at[keys[-1]] = value
    assert run(saved(tmp_path, written), capsys=capsys) == (1, f"{line}\n", "")
    del at[keys[-1]]
    code, said, _ = run(saved(tmp_path, written), capsys=capsys)
    assert (code, "stored nothing" in said) == (1, True)


def test_every_changed_digit_is_found(
    tmp_path: Path, written: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each digit of the file in turn; 1 and a line, or 2 and a sentence where the file becomes invalid."""
    text = json.dumps(written)
    codes = set()
    for index, character in enumerate(text):
        if character.isdigit():
            changed = text[:index] + str((int(character) + 1) % 10) + text[index + 1 :]
            code, out, err = run(saved(tmp_path, changed.encode()), capsys=capsys)
            assert code in (1, 2), text[max(0, index - 60) : index + 10]
            assert (out if code == 1 else err).endswith(".\n")
            codes.add(code)
    assert codes == {1, 2}


def test_rows_that_lack_or_exceed(tmp_path: Path, written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written["sets"][0]["results"]
    rows.append(copy.deepcopy(rows[0]))
    rows[1]["id"] = "X"
    del written["sets"][1]["results"]
    code, said, _ = run(saved(tmp_path, written), capsys=capsys)
    assert code == 1
    assert said.splitlines() == [
        "Window 1, proposal A: the results have two rows for it.",
        "Window 1, proposal B: the results have no row for it.",
        "Window 1, proposal X: the results have a row for it, but the set has no such proposal.",
        "Window 2, lot L2: the set has no results, but other sets do.",
    ]


def test_criteria_that_exceed(tmp_path: Path, written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    row = written["sets"][0]["results"][0]
    row["criteria"] += [row["criteria"][0], row["criteria"][0] | {"code": "X"}]
    code, said, _ = run(saved(tmp_path, written), capsys=capsys)
    assert code == 1
    assert said.splitlines() == [
        "Window 1, proposal A, criterion T: the results have two rows for it.",
        "Window 1, proposal A, criterion X: the results have a row for it, but the file has no such criterion.",
    ]


def test_equal_numbers_may_be_written_differently(
    tmp_path: Path, written: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    row = written["sets"][0]["results"][0]
    row["total"], row["technical"], row["rank"] = 79, "49.00", "1"
    assert run(saved(tmp_path, written), capsys=capsys)[0] == 0


def test_a_changed_input_is_found_by_its_checksum(
    tmp_path: Path, written: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    written["sets"][0]["proposals"][0]["why"] = "Changed."
    code, said, _ = run(saved(tmp_path, written), capsys=capsys)
    assert (code, said.count("\n"), said.startswith("The file: inputs_sha256: stored ")) == (1, 1, True)


MINIMAL = a_file([criterion()], one_set([{"id": "A"}], marks("A", "T", "5")))


def test_an_id_can_not_look_like_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = copy.deepcopy(MINIMAL)
    content["sets"][0]["results"] = []
    content["sets"][0]["proposals"][0]["id"] = content["sets"][0]["marks"][0]["proposal"] = (
        "A\nAll results are equal"
    )
    code, said, _ = run(saved(tmp_path, content), capsys=capsys)
    assert (code, said.count("\n")) == (1, 1)
    content["sets"][0]["proposals"][0]["a\x1bb"] = 1
    code, _, err = run(saved(tmp_path, content), capsys=capsys)
    assert (code, err) == (2, "sets[0].proposals[0] has the unknown key “a\\u001bb”.\n")


def test_json_prints_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(saved(tmp_path, MINIMAL), "--json", capsys=capsys)
    printed = json.loads(said)
    assert code == 0
    assert set(printed) == {"sets"}
    (only,) = printed["sets"]
    assert (only["window"], only["lot"], only["analysis"]) == (1, "", {})
    assert list(only["results"][0]) == [
        "id", "standing", "rank", "shared", "tie_step", "technical", "technical_percent", "technical_final",
        "price_points", "total", "flags", "criteria",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is not JSON: line 1, column 1."),
        (b"\xff\xfe", "The file is not UTF-8 text."),
        (b'{"format": NaN}', "The file is not JSON: it holds NaN."),
        (b'{"a": 1, "a": 2}', "The file has the key “a” twice in one object."),
        (b"[" * 100_000, "The file nests objects or lists too deeply."),
        (b"[]", "The file must be an object, not a list."),
        (b"{}", "The file lacks the key “format”."),
        (b'{"format": "onshore-extract/1"}', None),
        (
            b'{"format": "onshore-evaluation/2"}',
            "format must be “onshore-evaluation/1”, not “onshore-evaluation/2”.",
        ),
        (b'"\\ud800"', "The file is not UTF-8 text."),
    ],
)
def test_what_is_no_evaluation_file_exits_2_with_one_sentence(
    tmp_path: Path, content: bytes, sentence: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(saved(tmp_path, content), capsys=capsys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "onshore-extract/1" in err if sentence is None else err == f"{sentence}\n"


def test_files_that_can_not_be_opened_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(tmp_path / "none.json", capsys=capsys)
    assert (code, err) == (2, f"Can’t open {tmp_path / 'none.json'}: No such file or directory.\n")
    assert run(tmp_path, capsys=capsys)[0] == 2
    code, _, err = run(saved(tmp_path, MINIMAL), "--write", str(tmp_path / "no" / "out"), capsys=capsys)
    assert (code, err) == (2, f"Can’t write {tmp_path / 'no' / 'out'}: No such file or directory.\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file.json"]


@pytest.mark.parametrize(
    "options",
    [
        ["--draws", "0"],
        ["--draws", "x"],
        ["--kappa", "-1"],
        ["--kappa", "many"],
        ["--top", "-1"],
        ["--seed", "1.5"],
        ["--json", "--write", "x"],
        ["--nonsense"],
    ],
)
def test_wrong_options_exit_2(tmp_path: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(saved(tmp_path, MINIMAL)), *options])
    assert stopped.value.code == 2


def test_analyses_print_json_and_can_not_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path, MINIMAL)
    code, said, _ = run(path, "--withdrawal", capsys=capsys)
    assert (code, list(json.loads(said)["sets"][0]["analysis"])) == (0, ["withdrawal"])
    assert run(path, "--withdrawal", "--write", str(path), capsys=capsys)[0] == 2


def test_the_command_needs_no_settings_no_database_and_nothing_heavy(tmp_path: Path, content: Any) -> None:
    """As somebody would run it who has only the code and the file."""
    path = saved(tmp_path, content)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "manage.py", "recompute", str(path), "--json"],
        cwd=CHECKOUT,
        env={"PATH": "", "ONSHORE_ENV": "production"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = done.stderr.splitlines()
    assert (done.returncode, [line for line in told if not line.startswith("import time:")]) == (0, [])
    assert json.loads(done.stdout)["sets"][1]["lot"] == "L2"
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in told}
    assert "scoring" in loaded and not loaded & {"django", "celery", "numpy", "scipy", "psycopg2"}


def test_it_is_a_management_command_too(
    tmp_path: Path, content: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import call_command

    path = saved(tmp_path, content)
    call_command("recompute", str(path))
    assert "4 proposals in 2 sets" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        call_command("recompute", str(tmp_path / "none.json"))
    assert stopped.value.code == 2
