"""The drawing of owners: every party in it, narrow enough for a phone, the same with and without a hit."""

from decimal import Decimal

from suppliers.company import ownership_chart
from suppliers.facts import OwnerFacts, SupplierFacts
from suppliers.ownership import graph_of


def drawing(*owners, marked=()):
    given = tuple(
        OwnerFacts(name=name, owns=owns, pct_equity=None if pct is None else Decimal(pct))
        for name, owns, pct in owners
    )
    return ownership_chart.draw(
        graph_of(SupplierFacts(legal_name="Hock Works LLC", owners=given)), marked=marked
    )


def texts(found):
    return [shape.text for shape in found.chart.shapes if shape.shape == "text"]


def test_nobody_told_draws_nothing():
    assert drawing() is None


def test_the_company_comes_first_and_the_largest_holder_next():
    found = drawing(
        ("Small", "", 10), ("Ridge Holding", "", 55), ("X Fund", "Ridge Holding", 60), ("Nn", "", None)
    )
    assert texts(found) == [
        "Hock Works LLC", "Ridge Holding", "55%", "X Fund", "60%", "Small", "10%", "Nn", "?",
    ]  # fmt: skip
    assert "X Fund holds 60% of Ridge Holding, which holds 55% of Hock Works LLC." in found.ways
    assert "Nn holds an undisclosed share of Hock Works LLC." in found.ways
    assert found.chart.desc == " ".join(found.ways)


def test_a_circle_ends_and_many_owners_are_cut():
    assert len(texts(drawing(("A", "", 100), ("B", "A", 60), ("A", "B", 60)))) < 12
    crowd = drawing(*((f"Owner {number}", "", 1) for number in range(100)))
    assert len(texts(crowd)) <= 2 * ownership_chart.MOST_ROWS
    # Everybody owns everybody: millions of ways, of which the first are drawn.
    names = [f"Owner {number}" for number in range(12)]
    tangle = [(one, other, 1) for one in names for other in ("", *names) if one != other]
    assert len(texts(drawing(*tangle))) <= 2 * ownership_chart.MOST_ROWS


def test_shapes_stay_inside_and_long_names_are_cut_but_told():
    deep = [(f"Holding {number}", f"Holding {number - 1}" if number else "", 50) for number in range(12)]
    found = drawing(*deep, ("A name that is far too long for the narrow box of a phone", "", 50))
    for shape in found.chart.shapes:
        if shape.shape == "rect":
            assert 0 <= shape.x <= shape.x + shape.width <= 100
    assert max(map(len, texts(found))) <= ownership_chart.MOST_LETTERS
    assert "far too long for the narrow box" in found.chart.desc


def test_only_marked_parties_are_hatched():
    plain, marked = drawing(("X Fund", "", 60)), drawing(("X Fund", "", 60), marked=("x fund",))
    assert [shape.role for shape in plain.chart.shapes if shape.shape == "rect"] == ["track", "track"]
    assert [shape.role for shape in marked.chart.shapes if shape.shape == "rect"] == ["track", "unsure"]
    assert texts(plain) == texts(marked)
