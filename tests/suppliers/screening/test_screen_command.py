"""manage.py screen and match_names, as a script calls them: in a process of their own, without a database."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

LIST = "record,name,aliases\n7,Zyxtrovic Armaments Trust,Zyxo Arms\n8,Verdemar Shipping,\n"


def manage(*args, stdin=""):
    env = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env=env,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=600,
    )


@pytest.fixture
def a_list(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


def test_one_object_a_name_in_their_order(a_list):
    names = "Zyxtrovic Armaments\n\nPlainfield Bearings\nZyxo Arms Ltd\n"
    done = manage("screen", "--list", str(a_list), "--json", stdin=names)
    assert done.returncode == 0, done.stderr.decode()
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["name"] for row in rows] == [
        "Zyxtrovic Armaments",
        "",
        "Plainfield Bearings",
        "Zyxo Arms Ltd",
    ]
    assert [len(row["alerts"]) for row in rows] == [1, 0, 0, 1]
    alert = rows[3]["alerts"][0]
    assert set(alert) == {"score", "band", "list", "record_id", "listed_name", "matched_name", "why"}
    assert (alert["band"], alert["score"], alert["record_id"]) == ("strong", 1.0, "7")
    assert (alert["listed_name"], alert["matched_name"]) == ("Zyxtrovic Armaments Trust", "Zyxo Arms")


def test_names_from_a_column(a_list, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("id,company\n1,Verdemar Shiping\n")
    done = manage("screen", "--list", str(a_list), "--names", str(names), "--column", "company", "--json")
    (row,) = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert row["alerts"][0]["record_id"] == "8"
    wrong = manage("screen", "--list", str(a_list), "--names", str(names), "--column", "firm")
    assert wrong.returncode != 0 and "no column firm" in wrong.stderr.decode()


def test_a_folder_names_what_it_ignores(tmp_path):
    cells = ",".join(["-0- "] * 8)
    (tmp_path / "sdn.csv").write_text(f'12,"ZYXTROVIC ARMAMENTS",-0- ,"TEST",{cells}\r\n\x1a')
    (tmp_path / "notes.txt").write_text("hello")
    done = manage(
        "screen", "--list", str(tmp_path), "--json", stdin=b"Zyxtrovic Armaments\n\xff\xfe broken\n"
    )
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [len(row["alerts"]) for row in rows] == [1, 0]
    assert rows[0]["alerts"][0]["record_id"] == "12"
    assert "notes.txt" in done.stderr.decode()


def test_a_list_that_is_none_is_one_sentence(tmp_path):
    done = manage("screen", "--list", str(tmp_path / "missing.csv"), stdin="A\n")
    assert done.returncode == 1
    assert "missing.csv" in done.stderr.decode() and "Traceback" not in done.stderr.decode()


def test_pairs_get_a_score_and_a_band(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text(
        "query,candidate,note\nVerdemar Shipping Ltd,VERDEMAR SHIPPING,a\nOne Foundry,Quite Else,b\n"
    )
    done = manage("match_names", str(path))
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert [(row["band"], row["note"]) for row in rows] == [("strong", "a"), ("", "b")]
    assert float(rows[0]["score"]) == 1 and float(rows[1]["score"]) < 0.7
    path.write_text("query,other\n")
    wrong = manage("match_names", str(path))
    assert wrong.returncode == 1 and "no column candidate" in wrong.stderr.decode()
