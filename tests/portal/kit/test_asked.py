"""What an address asks of a list page: odd values narrow nothing and break nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from portal.kit import asked
from tests import factories as make


def get(query: str):
    return RequestFactory().get(f"/?{query}")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=%20Hock%20", "Hock"),
        ("q=a%00b", "ab"),
        ("", ""),
        ("q=" + "x" * 300, "x" * 200),
        ("q=one&q=two", "two"),
    ],
)
def test_words_come_without_blanks_null_characters_and_excess(query, words):
    assert asked.text(get(query), "q") == words


@pytest.mark.parametrize(
    ("query", "chosen"), [("show=all", "all"), ("show=ALL", "now"), ("", "now"), ("show=%00", "now")]
)
def test_a_choice_that_does_not_exist_is_the_default(query, chosen):
    assert asked.one_of(get(query), "show", {"all": 1, "now": 2}, "now") == chosen


@pytest.mark.django_db
def test_rows_are_ordered_by_a_known_column_and_left_alone_otherwise():
    people = [make.make_user(name=name) for name in ("Bea", "Ada", "Cy")]
    rows = get_user_model().objects.filter(pk__in=[each.pk for each in people]).order_by("pk")
    columns = {"name": "name"}

    def names(sort: str) -> list[str]:
        return [each.name for each in asked.ordered(rows, sort, columns, "pk")]

    assert names("name") == ["Ada", "Bea", "Cy"]
    assert names("-name") == ["Cy", "Bea", "Ada"]
    assert names("password") == names("") == ["Bea", "Ada", "Cy"]


@pytest.mark.parametrize(
    ("page", "rows"), [("2", [3, 4]), ("99", [5]), ("-1", [5]), ("x", [1, 2]), ("", [1, 2])]
)
def test_a_page_that_does_not_exist_is_the_nearest_one(page, rows):
    assert list(asked.page_of(get(f"page={page}"), [1, 2, 3, 4, 5], 2)) == rows
