"""Rows that come along in one statement are those that Django would fetch, value by value and type by type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from portal.kit import along
from portal.models import AccessEvent
from rfp.models import Proposal, Revision, Solicitation
from rfp.proposals.revision_facts import ROWS
from suppliers.company import profiles
from suppliers.models import Supplier
from tests.scoring.rooms import room

pytestmark = pytest.mark.django_db


def told(row: models.Model | None) -> dict[str, tuple[type, Any]] | None:
    """The row's own values with their types."""
    if row is None:
        return None
    fields = [field for field in row._meta.concrete_fields if not field.generated]
    return {field.attname: (type(value := getattr(row, field.attname)), value) for field in fields}


def assert_same(found: Any, plain: Any, path: str) -> None:
    """What the path leads to, from a row that brought it along and from one that asks for it."""
    head, _, tail = path.partition("__")
    ours, theirs = getattr(found, head, None), getattr(plain, head, None)
    if isinstance(theirs, models.Model) or theirs is None:
        pairs = [(ours, theirs)]
    else:
        pairs = list(zip(ours.all(), theirs.all(), strict=True))
    for one, other in pairs:
        assert told(one) == told(other), path
        if tail and other is not None:
            assert_same(one, other, tail)


def asked(work: Any) -> int:
    with CaptureQueriesContext(connection) as caught:
        work()
    return len(caught)


@pytest.mark.parametrize(
    ("model", "paths"),
    [
        (Revision, ROWS),
        (Supplier, profiles.ROWS),
        (Solicitation, ("windows__openings__lot", "lots", "criteria", "evaluators__user", "requirements__applies_to")),
        (Proposal, ("lot__solicitation__criteria", "window__openings", "current_revision__score", "lot__items")),
    ],
)  # fmt: skip
def test_rows_are_those_that_django_fetches(model: type[models.Model], paths: tuple[str, ...]):
    made = room(2)
    made.open_prices()
    seen = 0
    for plain in model._default_manager.order_by("pk"):
        found = along.first(model._default_manager.filter(pk=plain.pk), *paths)
        assert asked(lambda found=found: [read(found, path) for path in paths]) == 0
        for path in paths:
            assert_same(found, plain, path)
        seen += 1
    assert seen


def read(row: Any, path: str) -> None:
    """Follow the path to its end."""
    head, _, tail = path.partition("__")
    reached = getattr(row, head, None)
    for each in reached.all() if hasattr(reached, "all") else [reached]:
        if tail and each is not None:
            read(each, tail)


def test_it_is_one_statement_for_one_row_and_for_all():
    made = room(2)
    mine = Solicitation.objects.filter(pk=made.solicitation.pk)
    assert asked(lambda: along.first(mine, "lots__items", "windows__openings", "evaluators__user")) == 1
    assert asked(lambda: along.every(Revision.objects.order_by("pk"), "responses", "items")) == 1
    assert asked(lambda: along.bring(made.solicitation, "lots__items", "criteria")) == 1
    assert asked(lambda: [list(lot.items.all()) for lot in made.solicitation.lots.all()]) == 0
    assert along.first(Solicitation.objects.filter(pk=0), "lots") is None


def test_rows_know_the_row_they_came_with():
    made = room(1)
    found = along.first(Solicitation.objects.filter(pk=made.solicitation.pk), "windows__openings", "criteria")
    assert found is not None
    (window,) = found.windows.all()
    assert window.solicitation is found
    assert all(opening.window is window for opening in window.openings.all())
    # A narrower question still asks the database, and gets the rows of this one only.
    assert found.criteria.filter(solicitation=0).count() == 0
    assert found.criteria.exclude(pk=0).count() == len(found.criteria.all())


def test_a_figure_keeps_all_of_its_digits():
    made = room(1)
    revision = Revision.objects.get(pk=made.proposals[0].current_revision_id)
    exact = Decimal("12345678901234567890.1234")
    revision.score.__class__.objects.filter(pk=revision.score.pk).update(price_total=exact)
    found = along.first(Revision.objects.filter(pk=revision.pk), "score")
    assert found is not None and found.score.price_total == exact


def test_a_column_that_json_would_change_is_refused_by_name():
    with pytest.raises(TypeError, match=r"AccessEvent\.address can’t come along"):
        along._Column(AccessEvent._meta.get_field("address"))


def test_a_question_that_is_built_once_is_asked_with_each_value_anew():
    first, second = room(1), room(2)
    paths = ("windows__openings", "lots", "criteria")

    def build(number: str, pk: int) -> Any:
        # A value that stands in twice, and one that the ORM puts in by itself.
        return Solicitation.objects.filter(number=number, pk=pk).filter(models.Q(pk=pk) | models.Q(pk=0))

    for made in (first, second, first):
        values = [made.solicitation.number, made.solicitation.pk]
        again: Any = along.first_again("test", build, values, *paths)
        assert told(again) == told(along.first(build(*values), *paths)) and again.pk == made.solicitation.pk
        with CaptureQueriesContext(connection) as caught:
            assert [each.code for each in again.lots.all()] and again.windows.all()
        assert not caught.captured_queries
    assert along.first_again("test", build, ["none", first.solicitation.pk], *paths) is None
    nothing = along.first_again("nobody", lambda pk: Solicitation.objects.none(), [first.solicitation.pk])
    assert nothing is None
