"""The JSON Schema, the reader and the docs page say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from scoring.calculation import recompute
from scoring.calculation.file import manual
from scoring.calculation.file.shapes import SCHEMA, schema
from scoring.calculation.file.writing import with_results
from scoring.calculation.ties import WORDS
from tests.scoring.calculation.file.test_reading import CASES, whole
from tests.scoring.calculation.files import loaded
from tests.scoring.calculation.test_properties import files

VALIDATOR = Draft202012Validator(schema())
# What a schema can't say: references between rows, ranges of strings, and sums.
BEYOND = (
    "names",
    "second mark",
    "twice",
    "but the scale",
    "but no mark",
    "lacks the key “points”",
    "add up",
    "above its min",
)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(SCHEMA.read_text()) == schema(), "run python -m scoring.calculation.file.manual"


def test_the_schema_as_it_is_written_is_current() -> None:
    assert SCHEMA.read_text() == manual.schema_text()


def test_the_page_is_current() -> None:
    assert manual.PAGE.read_text() == manual.page(), "run python -m scoring.calculation.file.manual"


def test_every_key_is_described() -> None:
    nodes = [schema(), *schema()["$defs"].values()]
    nodes += [branch for node in nodes for branch in node.get("anyOf", ())]
    for node in nodes:
        for key, child in node.get("properties", {}).items():
            assert child.get("description", "").endswith("."), key


def test_every_object_is_on_the_page() -> None:
    objects = {
        name
        for name, node in schema()["$defs"].items()
        if any("properties" in branch for branch in node.get("anyOf", [node]))
    }
    assert objects == set(manual.PARTS)


def test_words_of_the_schema_are_those_of_the_code() -> None:
    assert tuple(schema()["$defs"]["criterion"]["properties"]["code"]["not"]["enum"]) == WORDS


@given(files())
def test_what_is_written_satisfies_the_schema(content: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(content)
    evaluation = loaded(content)
    assert VALIDATOR.is_valid(json.loads(with_results(evaluation, recompute(evaluation))))


@pytest.mark.parametrize(("spoil", "sentence"), CASES)
def test_the_schema_refuses_what_the_reader_refuses(spoil: Any, sentence: str | None) -> None:
    content = whole()
    assert VALIDATOR.is_valid(content)
    spoil(content)
    is_range = sentence is not None and any(
        f"must be {words}" in sentence for words in ("at least", "at most", "above", "below")
    )
    if (
        sentence is not None
        and not is_range
        and not any(words in sentence for words in (*BEYOND, "reference price", "not automatic"))
    ):
        assert not VALIDATOR.is_valid(content), sentence
