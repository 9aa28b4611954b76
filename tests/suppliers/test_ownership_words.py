"""What the rules say about ownership, and long chains of owners."""

from decimal import Decimal

import pytest

from portal.kit.compliance import Audience, may_read
from suppliers import ownership
from suppliers.rules import control, covered_nations
from tests.suppliers.owned import NOT_MET, ON, REFER, STATE, facts, found, hit, owner, supplier


@pytest.mark.parametrize("country", ["CN", "HK", "MO", "RU", "IR", "KP"])
def test_sc_8_names_every_covered_nation(country):
    organized = facts(supplier(owner("A", 100), country=country))
    held = facts(supplier(owner("S", 25, country=country, is_government=True), owner("A", 75)))
    for each in (organized, held):
        assert found(covered_nations.foreign_entity, each).outcome == NOT_MET


@pytest.mark.parametrize(
    ("stakes", "said"),
    [
        ({"pct": 25}, "25.0% of the equity"),
        ({"pct": 1, "pct_votes": Decimal("25.04")}, "25.04% of the votes"),
        ({"pct": 1, "pct_votes": Decimal(1), "board_seats": 2, "board_size": 7}, "28.6% of the seats"),
    ],
)
def test_sc_8_says_of_what_and_the_line(stakes, said):
    finding = found(
        covered_nations.foreign_entity, facts(supplier(owner("S", **stakes, **STATE), owner("A", 70)))
    )
    assert finding.message == (
        f"Governments of covered nations hold, directly or through others, {said}. The limit is 25%."
    )


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        (
            [owner("P", 30, country="CN")],
            "P is from China and holds 30.0%. The limit for governments is 25%.",
        ),
        (
            [owner("P", 15, country="CN"), owner("Q", 10, country="RU"), owner("A", 75)],
            "P and others from covered nations hold 25.0%. The limit for governments is 25%.",
        ),
        (
            [owner("A", 70), owner("P", 30, country="CN")],
            "P is from China and holds 30.0%. The limit for governments is 25%.",
        ),
        (
            [owner("A", 75)],
            "Owners of 25% are undisclosed. The limit for governments of covered nations is 25%.",
        ),
        (
            [owner("A")],
            "Owners of 100% are undisclosed. The limit for governments of covered nations is 25%.",
        ),
        ([], "No owners are listed."),
        ([owner("A", 100, parent="Q")], "The country of Q is missing."),
        ([owner("A", 75), owner("B", 25, country="")], "The country of B is missing."),
        (
            [owner("S", 5, board_seats=1, **STATE), owner("A", 95)],
            "S holds 1 board seat on a board of unknown size.",
        ),
        (
            [owner("S", **STATE), owner("A", 95)],
            "S is from a covered nation, or owned from there, and holds an undisclosed share.",
        ),
    ],
)
def test_sc_8_says_what_cannot_be_told(owners, said):
    assert found(covered_nations.foreign_entity, facts(supplier(*owners))).message == said


def test_sc_8_numbers_are_of_each_kind_and_each_way():
    subject = supplier(
        owner("A", 40, pct_votes=Decimal(30)), owner("B", 60), owner("S", 51, owns="A", **STATE)
    )
    finding = found(covered_nations.foreign_entity, facts(subject))
    assert finding.outcome == REFER
    assert finding.numbers == {
        "equity_pct": "40.000",
        "votes_pct": "30.000",
        "seats_pct": "0.000",
        "equity_multiplied_pct": "20.400",
        "votes_multiplied_pct": "15.300",
        "seats_multiplied_pct": "0.000",
    }
    assert "20.4% of the equity when shares are multiplied and 40.0% when majorities" in finding.message


def test_sc_8_a_product_on_the_line_is_told_in_both_ways():
    subject = supplier(owner("A", "62.5"), owner("B", "37.5"), owner("S", 40, owns="A", **STATE))
    message = found(covered_nations.foreign_entity, facts(subject)).message
    assert "25.0% of the equity when shares are multiplied and 0.0% when majorities are followed" in message


def test_a_board_without_seats_of_an_owner_is_no_seat():
    subject = supplier(owner("S", 10, board_size=7, **STATE), owner("A", 90))
    assert ownership.holdings(subject, "seats") == {"hock works llc": {"s": Decimal(0), "a": Decimal(0)}}


def test_ways_are_cut_after_as_many_as_are_asked_for():
    graph = ownership.graph_of(supplier(*(owner(f"Owner {number}", 1) for number in range(50))))
    assert len(ownership.paths(graph)) == 40
    assert len(ownership.paths(graph, most=7)) == 7


def test_what_a_supplier_reads_of_ownership_never_depends_on_hits():
    subject = supplier(owner("X", 50), owner("B", 50))

    def read(*hits):
        rules = (
            control.fifty_percent,
            control.affiliates,
            control.listed_parent,
            covered_nations.foreign_entity,
        )
        given = facts(subject, *hits)
        findings = [each for rule in rules for each in rule.findings(given, rule.params(), on=ON)]
        return [each for each in findings if may_read(Audience.SUPPLIER, each.audience)]

    assert (
        read()
        == read(hit("X"))
        == read(hit("X", state="open"))
        == read(hit("X", source="1260h", code="1260H"))
    )
    assert read() != []


def test_shares_multiply_along_each_way():
    subject = supplier(owner("A", 50), owner("B", 50), owner("S", 60, owns="A"), owner("S", 20, owns="B"))
    held = ownership.holdings(subject, "equity")
    assert ownership.multiplied(held, "hock works llc", {"s"}) == Decimal(40)
    assert len(ownership.paths(ownership.graph_of(subject))) == 2


def test_shares_multiply_along_more_ways_than_can_be_walked():
    layers = [supplier_layer(depth) for depth in range(12)]
    subject = supplier(
        owner("0 left", 50), owner("0 right", 50), *(each for layer in layers for each in layer)
    )
    held = ownership.holdings(subject, "equity")
    assert ownership.multiplied(held, "hock works llc", {"12 left", "12 right"}) == Decimal(100)


def supplier_layer(depth):
    return [
        owner(f"{depth + 1} {above}", 50, owns=f"{depth} {below}")
        for above in ("left", "right")
        for below in ("left", "right")
    ]


def test_a_circle_of_owners_is_counted_to_an_end():
    subject = supplier(
        owner("A", 100), owner("B", 50, owns="A"), owner("A", 50, owns="B"), owner("S", 30, owns="A")
    )
    held = ownership.holdings(subject, "equity")
    # 30 + 25% of it again, and again: near 40 and never beyond.
    assert Decimal(37) < ownership.multiplied(held, "hock works llc", {"s"}) <= Decimal(40)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ridge Holding, L.L.C.", "RIDGE  HOLDING LLC", True),
        ("O’Brien Works", "OBrien Works", True),
        ("Ridge-Holding", "Ridge Holding", True),
        ("Ｒｉｄｇｅ", "ridge", True),
        ("Ridge Holding LLC", "Ridge Holding LP", False),
        ("कि", "की", False),
        ("!!!", "???", False),
    ],
)
def test_one_party_however_it_is_punctuated(one, other, same):
    assert (ownership.party(one) == ownership.party(other)) is same
