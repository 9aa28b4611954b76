"""SC-8: foreign entities of concern."""

from decimal import Decimal

import pytest

from portal.kit.compliance import Effect
from suppliers.facts import (
    SiteFacts,
)
from suppliers.rules import covered_nations
from tests.suppliers.owned import MET, NOT_MET, REFER, STATE, facts, found, owner, supplier


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        pytest.param(
            supplier(owner("S", 25, **STATE), owner("A", 75)), NOT_MET, id="a-quarter-of-the-equity"
        ),
        pytest.param(supplier(owner("S", "24.9", **STATE), owner("A", "75.1")), MET, id="just-below"),
        pytest.param(
            supplier(owner("S", "24.9", board_seats=2, board_size=7, **STATE), owner("A", "75.1")),
            NOT_MET,
            id="seats",
        ),
        pytest.param(
            supplier(owner("S", 10, pct_votes=Decimal(30), **STATE), owner("A", 90)), NOT_MET, id="votes"
        ),
        pytest.param(
            supplier(
                owner("S", 15, **STATE), owner("T", 10, country="RU", kind="government"), owner("A", 75)
            ),
            NOT_MET,
            id="two-governments-together",
        ),
        pytest.param(supplier(owner("P", 30, country="CN"), owner("A", 70)), REFER, id="private-owner"),
        pytest.param(supplier(owner("P", 24, country="CN"), owner("A", 76)), MET, id="small-private-owner"),
        pytest.param(
            supplier(owner("P", 0, country="CN", controls=True), owner("A", 100)),
            NOT_MET,
            id="license-or-contract",
        ),
        pytest.param(supplier(owner("A", 100), country="CN"), NOT_MET, id="organized-there"),
        pytest.param(supplier(owner("A", 100), headquarters_country="HK"), NOT_MET, id="led-from-there"),
        pytest.param(
            supplier(owner("A", 100), sites=(SiteFacts(key="1", city="Suzhou", country="CN"),)),
            NOT_MET,
            id="at-work",
        ),
        pytest.param(
            supplier(owner("A", 60), owner("B", 40), owner("S", 50, owns="A", **STATE)),
            NOT_MET,
            id="both-ways-agree",
        ),
        pytest.param(
            supplier(owner("A", 40), owner("B", 60), owner("S", 51, owns="A", **STATE)),
            REFER,
            id="majority-only",
        ),
        pytest.param(
            supplier(owner("A", 60), owner("B", 40), owner("S", 49, owns="A", **STATE)),
            REFER,
            id="multiplied-only",
        ),
        pytest.param(supplier(), REFER, id="no-owners"),
        pytest.param(supplier(owner("A", 100)), MET, id="domestic"),
        pytest.param(
            supplier(
                *(owner(f"S{n}", 1, board_seats=1, board_size=12, **STATE) for n in range(3)), owner("A", 97)
            ),
            NOT_MET,
            id="three-seats-of-twelve-are-a-quarter",
        ),
        pytest.param(
            supplier(owner("S", 5, board_seats=1, board_size=5, **STATE), owner("A", 95)),
            MET,
            id="a-fifth-of-seats",
        ),
        pytest.param(
            supplier(owner("S", 5, board_seats=25, board_size=101, **STATE), owner("A", 95)),
            MET,
            id="just-below-a-quarter-of-seats",
        ),
        pytest.param(
            supplier(
                owner("S", 12, **STATE),
                owner("T", 10, board_seats=1, board_size=7, **STATE),
                owner("A", 78),
            ),
            MET,
            id="equity-is-no-seat-on-the-companys-board",
        ),
        pytest.param(
            supplier(
                owner("A", 10, board_seats=2, board_size=7),
                owner("B", 90),
                owner("S", 100, owns="A", **STATE),
            ),
            NOT_MET,
            id="equity-stands-for-seats-further-up",
        ),
        pytest.param(
            supplier(owner("A", 80), owner("B"), owner("S", 5, **STATE)),
            MET,
            id="an-unknown-share-of-a-domestic-owner",
        ),
        pytest.param(
            supplier(
                owner("A", 10, board_seats=2, board_size=7),
                owner("B", 90),
                owner("S", 10, owns="A", pct_votes=Decimal(90), **STATE),
            ),
            NOT_MET,
            id="votes-stand-for-seats-further-up",
        ),
        pytest.param(
            supplier(owner("S", 5, board_seats=1, **STATE), owner("A", 95)), REFER, id="board-of-unknown-size"
        ),
        pytest.param(
            supplier(
                owner("A", 10, pct_votes=Decimal(30)),
                owner("B", 90, pct_votes=Decimal(70)),
                owner("S", 100, owns="A", **STATE),
            ),
            NOT_MET,
            id="votes-through-another",
        ),
        pytest.param(
            supplier(
                owner("A", 10, board_seats=2, board_size=7), owner("B", 90), owner("S", 51, owns="A", **STATE)
            ),
            REFER,
            id="seats-through-a-majority-only",
        ),
        pytest.param(
            supplier(
                owner("A", 30), owner("B", 70), owner("S", 10, owns="A", pct_votes=Decimal(60), **STATE)
            ),
            REFER,
            id="a-majority-of-votes-in-the-parent",
        ),
        pytest.param(
            supplier(owner("A", 30), owner("B", 70), owner("S", 0, owns="A", controls=True, **STATE)),
            NOT_MET,
            id="control-of-the-parent-by-contract",
        ),
        pytest.param(
            supplier(owner("A", 5, controls=True), owner("B", 95), owner("S", 50, owns="A", **STATE)),
            NOT_MET,
            id="contract-with-whom-a-government-holds",
        ),
        pytest.param(supplier(owner("A", 5, controls=True), owner("B", 95)), MET, id="domestic-contract"),
        pytest.param(
            supplier(owner("S", 15, **STATE), owner("A", 85), owner("T", 20, owns="A", **STATE)),
            REFER,
            id="direct-and-multiplied-together",
        ),
        pytest.param(
            supplier(
                owner("S", 15, **STATE), owner("A", 10), owner("B", 75), owner("T", 100, owns="A", **STATE)
            ),
            NOT_MET,
            id="direct-and-through-a-parent-together",
        ),
        pytest.param(
            supplier(owner("S", 100, **STATE), owner("T", 10, owns="S", **STATE)),
            NOT_MET,
            id="a-government-held-by-another-counts-whole",
        ),
        pytest.param(
            supplier(owner("P", 15, country="CN"), owner("Q", 10, country="RU"), owner("A", 75)),
            REFER,
            id="private-owners-together",
        ),
        pytest.param(
            supplier(owner("S", 20, **STATE), owner("P", 5, country="CN"), owner("A", 75)),
            REFER,
            id="a-government-and-a-private-owner-together",
        ),
        pytest.param(
            supplier(owner("A", 10), owner("B", 90), owner("P", 60, owns="A", country="CN")),
            MET,
            id="private-owner-of-a-small-owner",
        ),
        pytest.param(
            supplier(owner("S", None, **STATE), owner("A", 90)), REFER, id="share-of-a-government-not-told"
        ),
        pytest.param(
            supplier(owner("A"), owner("B", 90), owner("S", 40, owns="A", **STATE)),
            REFER,
            id="share-not-told-below-a-government",
        ),
        pytest.param(supplier(owner("A", 75), owner("B", 25, country="")), REFER, id="country-not-told"),
        pytest.param(
            supplier(owner("A", "75.1"), owner("B", "24.9", country="")), MET, id="country-not-told-of-less"
        ),
        pytest.param(supplier(owner("A", 100, parent="Q")), REFER, id="a-parent-named-only"),
        pytest.param(
            supplier(owner("A", 100), owner("B", 10, owns="A", country="")),
            MET,
            id="country-not-told-of-a-tenth-further-up",
        ),
        pytest.param(
            supplier(owner("A", 100), owner("B", 25, owns="A", country="")),
            REFER,
            id="country-not-told-of-a-quarter-further-up",
        ),
        pytest.param(
            supplier(owner("A", 80), owner("B", country="")), MET, id="neither-country-nor-share-of-a-fifth"
        ),
        pytest.param(
            supplier(owner("A", 100, parent="Q"), owner("Q", 100, owns="A")), MET, id="a-parent-told-in-full"
        ),
        pytest.param(supplier(owner("A", 100, board_seats=3)), MET, id="a-domestic-board-of-unknown-size"),
        pytest.param(supplier(owner("A", 75)), REFER, id="a-quarter-not-told"),
        pytest.param(supplier(owner("A", "75.1")), MET, id="less-than-a-quarter-not-told"),
        pytest.param(supplier(owner("A", "75.1"), country="KP"), NOT_MET, id="organized-in-north-korea"),
        pytest.param(
            supplier(owner("A", 100), owner("S", 100, owns="A", country="TW", is_government=True)),
            MET,
            id="another-government",
        ),
        pytest.param(
            supplier(owner("A", 60), owner("B", 60, owns="A"), owner("A", 60, owns="B"), owner("C", 40)),
            MET,
            id="a-circle-of-domestic-owners",
        ),
        pytest.param(
            supplier(owner("A", 70), owner("M", 30), owner("U", owns="M")),
            MET,
            id="share-not-told-of-a-domestic-owner-further-up",
        ),
        pytest.param(
            supplier(owner("A", 70), owner("M", 30), owner("U", owns="M", country="")),
            REFER,
            id="share-not-told-of-one-without-a-country-further-up",
        ),
    ],
)
def test_sc_8_foreign_entity_of_concern(given, outcome):
    finding = found(covered_nations.foreign_entity, facts(given))
    assert (finding.outcome, finding.effect) == (outcome, Effect.KNOCKOUT)
