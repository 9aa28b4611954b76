"""DC-1, DC-2, DC-8: every worked example, and that technical words never hold an amount."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.compliance import Effect, Envelope, Outcome
from rfp.bom.costs import line_value, roll_up
from rfp.facts import BomLineFacts, ProcessStepFacts, ProposalFacts
from rfp.rules import deep_content, domestic_content
from suppliers.facts import SiteFacts, SupplierFacts

ON = date(2026, 5, 12)
MET, NOT_MET, REFER = Outcome.MET, Outcome.NOT_MET, Outcome.REFER


def shown(figure: str) -> str:
    """A stored figure as the worked examples print it."""
    return f"{Decimal(figure):.4f}"


def buy(number, cost, origin="US", *, parent="", qty="1", freight="0", duty="0", **more):
    return BomLineFacts(
        line_no=str(number),
        parent_line=parent,
        part=f"Part {number}",
        qty=Decimal(qty),
        unit_acquisition_cost=None if cost is None else Decimal(cost),
        inbound_freight=None if freight is None else Decimal(freight),
        duty=None if duty is None else Decimal(duty),
        origin=origin,
        us_manufactured=more.pop("us_manufactured", None if not origin else origin == "US"),
        **more,
    )


def make(number, materials, labor, overhead, freight, profit, *, parent="", **more):
    return BomLineFacts(
        line_no=str(number),
        parent_line=parent,
        part=f"Part {number}",
        qty=Decimal(1),
        make_or_buy="make",
        materials=Decimal(materials),
        direct_labor=Decimal(labor),
        allocable_overhead=Decimal(overhead),
        inbound_freight=Decimal(freight),
        profit=Decimal(profit),
        origin="US",
        us_manufactured=True,
        **more,
    )


def proposal(*lines, years=(2028,)):
    return ProposalFacts(
        supplier=SupplierFacts(legal_name="A", sites=(SiteFacts(key="1", state="OH", zip="43215"),)),
        final_site="1",
        process_steps=(ProcessStepFacts(name="Welding", site="1", is_transforming=True),),
        delivery_years=years,
        bom=lines or None,
    )


def findings(rule, facts):
    return {finding.part: finding for finding in rule.findings(facts, rule.params(), on=ON)}


def dc_1(*lines):
    return findings(domestic_content.line_valuation, proposal(*lines))[""]


def dc_2(*lines, year=2028):
    return findings(domestic_content.component_test, proposal(*lines, years=(year,)))[str(year)]


def dc_8(*lines):
    return findings(deep_content.deep_roll_up, proposal(*lines))[""]


FOREIGN_PART = buy(2, "100", "DE", freight="5", duty="25")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param(FOREIGN_PART, "130", id="bought-with-freight-and-duty"),
        pytest.param(make(1, "40", "25", "20", "3", "12"), "88", id="made-without-profit"),
        pytest.param(replace(FOREIGN_PART, qty=Decimal("2.5")), "325.0", id="quantity-counts"),
        pytest.param(buy(1, None), None, id="cost-missing"),
        pytest.param(replace(FOREIGN_PART, qty=None), None, id="quantity-missing"),
    ],
)
def test_dc_1_value_of_a_line(line, value):
    assert line_value(line) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("duty", "share"),
    [("25", "65.7895"), ("0", "70.4225"), ("60", "60.2410")],
    ids=["duty", "duty-omitted", "higher-duty"],
)
def test_dc_1_duty_counts_in_the_share(duty, share):
    found = dc_2(buy(1, "250"), replace(FOREIGN_PART, duty=Decimal(duty)))
    assert shown(found.numbers["lo_pct"]) == share


@pytest.mark.parametrize(
    ("line", "outcome", "said"),
    [
        pytest.param(buy(1, "10"), MET, "have a cost", id="complete"),
        pytest.param(buy(1, "-10"), NOT_MET, "is negative", id="negative"),
        pytest.param(buy(1, None), REFER, "missing (line 1)", id="cost-missing"),
        pytest.param(make(1, "40", "25", "20", "3", "12"), REFER, "We removed profit", id="profit-removed"),
        pytest.param(make(1, "40", "25", "20", "3", "0"), MET, "have a cost", id="no-profit"),
        pytest.param(buy(1, "10", currency="EUR"), REFER, "U.S. dollars", id="euro"),
        pytest.param(buy(1, "10", "DE", duty=None), REFER, "Freight or duty", id="foreign-duty-blank"),
        pytest.param(buy(1, "10", "US", duty=None), MET, "have a cost", id="domestic-duty-blank"),
        pytest.param(
            buy(1, "10", us_manufactured=None), REFER, "do not match", id="us-origin-without-statement"
        ),
        pytest.param(
            buy(1, "10", "CN", us_manufactured=True), REFER, "do not match", id="made-here-from-there"
        ),
    ],
)
def test_dc_1_outcome(line, outcome, said):
    found = dc_1(line)
    assert found.outcome == outcome and said in found.message


def test_dc_1_amounts_stand_in_the_price_envelope_only():
    found = findings(domestic_content.line_valuation, proposal(buy(1, "250"), FOREIGN_PART))
    assert found["amounts"].envelope == Envelope.PRICE
    assert "$380.00" in found["amounts"].message and found["amounts"].numbers["us"] == "250"
    assert found[""].envelope == Envelope.TECHNICAL and found[""].numbers == {"lines": "2"}


@pytest.mark.parametrize(
    ("us", "unknown", "foreign", "outcome"),
    [
        pytest.param("650", "0", "350", NOT_MET, id="65-percent-exactly"),
        pytest.param("65001", "0", "34999", MET, id="a-thousandth-over"),
        pytest.param("660", "40", "300", MET, id="lo-over-the-line"),
        pytest.param("600", "100", "300", REFER, id="line-within-the-range"),
        pytest.param("500", "100", "400", NOT_MET, id="hi-below-the-line"),
        pytest.param("550", "100", "350", NOT_MET, id="hi-at-the-line"),
    ],
)
def test_dc_2_component_test(us, unknown, foreign, outcome):
    assert dc_2(buy(1, us), buy(2, unknown, ""), buy(3, foreign, "MX")).outcome == outcome


@pytest.mark.parametrize(
    ("year", "us", "outcome"),
    [
        (2023, "600", NOT_MET),
        (2023, "601", MET),
        (2024, "650", NOT_MET),
        (2028, "660", MET),
        (2029, "660", NOT_MET),
        (2029, "750", NOT_MET),
        (2030, "751", MET),
    ],
)
def test_dc_2_threshold_by_delivery_year(year, us, outcome):
    assert dc_2(buy(1, us), buy(2, str(1000 - int(us)), "DE"), year=year).outcome == outcome


def test_dc_2_every_delivery_year_is_tested():
    lines = (buy(1, "66"), buy(2, "34", "DE"))
    found = findings(domestic_content.component_test, proposal(*lines, years=(2028, 2029)))
    assert {part: each.outcome for part, each in found.items()} == {
        "manufacture": MET,
        "2028": MET,
        "2029": NOT_MET,
    }
    assert found["2029"].effect == Effect.ADVISORY and found["manufacture"].effect == Effect.KNOCKOUT


def test_dc_2_names_the_largest_foreign_lines_and_the_fewest_to_re_source():
    found = dc_2(buy(1, "50"), buy(2, "10", "DE"), buy(3, "25", "MX"), buy(4, "15", "CN"))
    assert "Part 3 (line 3), MX, 25.0%; Part 4 (line 4), CN, 15.0%" in found.message
    assert found.fix == "Re-source Part 3 (line 3) in the U.S. to reach 75.0%."
    two = dc_2(buy(1, "30"), buy(2, "25", "DE"), buy(3, "25", "MX"), buy(4, "20", "CN"))
    assert two.fix == "Re-source lines 2 and 3 in the U.S. to reach 80.0%."


def test_dc_2_only_level_1_counts():
    lines = (buy(1, "70"), buy(2, "30", "DE"), buy(3, "60", "CN", parent="1"))
    assert shown(dc_2(*lines).numbers["lo_pct"]) == "70.0000"


def test_dc_2_a_us_origin_without_the_statement_counts_as_unknown():
    found = dc_2(buy(1, "60"), buy(2, "20", us_manufactured=None), buy(3, "20", "DE"))
    assert (shown(found.numbers["lo_pct"]), shown(found.numbers["hi_pct"])) == ("60.0000", "80.0000")
    assert found.outcome == REFER and found.fix == "Enter the origin of line 2."


def test_dc_2_a_made_line_of_final_assembly_is_left_out_and_its_parts_move_up():
    assembly = make(1, "0", "500", "0", "0", "0", final_assembly=True)
    lines = (assembly, buy(2, "66", parent="1"), buy(3, "34", "DE", parent="1"))
    assert shown(dc_2(*lines).numbers["lo_pct"]) == "66.0000"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "no bill of materials"),
        ((buy(1, "70"), buy(2, None, "DE")), "missing on line 2"),
        ((buy(1, "0"),), "add up to zero"),
        ((buy(1, "70"), buy(1, "30", "DE")), "tree"),
        ((buy(1, "70"), buy(2, "-5", "DE")), "is negative"),
        ((buy(1, "70"), buy(2, "30", "DE", currency="EUR")), "U.S. dollars"),
        ((buy(1, "70"), buy(2, "30", "DE", freight=None)), "may be lower"),
    ],
    ids=["no-bom", "cost-missing", "all-zero", "number-twice", "negative", "euro", "foreign-freight-blank"],
)
def test_dc_2_what_cannot_be_told_is_referred(lines, said):
    found = findings(domestic_content.component_test, proposal(*lines))
    finding = found.get("2028") or found[""]
    assert finding.outcome == REFER and said in finding.message


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({}, MET, id="a-step-in-the-us"),
        pytest.param(
            {"process_steps": (ProcessStepFacts(name="Test", site="1", is_transforming=False),)},
            NOT_MET,
            id="testing-only",
        ),
        pytest.param(
            {"process_steps": (ProcessStepFacts(name="Boards", country="TW", is_transforming=True),)},
            NOT_MET,
            id="changed-abroad",
        ),
        pytest.param({"process_steps": ()}, REFER, id="no-steps"),
        pytest.param({"final_site": ""}, REFER, id="no-site"),
        pytest.param(
            {"supplier": SupplierFacts(legal_name="A", sites=(SiteFacts(key="1", country="MX"),))},
            NOT_MET,
            id="site-abroad",
        ),
    ],
)
def test_dc_2_not_manufactured_in_the_us_is_a_knock_out(changes, outcome):
    found = findings(domestic_content.component_test, replace(proposal(buy(1, "1")), **changes))
    assert (found["manufacture"].outcome, found["manufacture"].effect) == (outcome, Effect.KNOCKOUT)


PSU = (buy(1, "200"), buy(11, "150", "CN", parent="1"), buy(12, "50", parent="1"))


def test_dc_8_counts_the_parts_inside_the_parts():
    lines = (*PSU, buy(2, "300"), buy(3, "200", "MX"))
    assert shown(dc_2(*lines).numbers["lo_pct"]) == "71.4286"
    found = dc_8(*lines)
    assert (shown(found.numbers["us_pct"]), shown(found.numbers["gap_points"])) == ("50.0000", "21.4286")
    assert (found.outcome, found.effect) == (REFER, Effect.ADVISORY)


def test_dc_8_what_a_parent_costs_beyond_its_children_goes_to_its_origin():
    found = dc_8(buy(1, "200"), buy(2, "150", "DE", parent="1"))
    assert (shown(found.numbers["us_pct"]), shown(found.numbers["allied_pct"])) == ("25.0000", "75.0000")


@pytest.mark.parametrize(
    ("covered", "outcome"),
    [("10", MET), ("10.1", REFER), ("24.9", REFER), ("25", NOT_MET)],
    ids=["10-percent", "over-10", "below-25", "25-percent"],
)
def test_dc_8_covered_countries(covered, outcome):
    rest = str(Decimal(100) - Decimal(covered))
    assert dc_8(buy(1, rest), buy(2, covered, "HK")).outcome == outcome


@pytest.mark.parametrize(
    ("gap", "outcome"), [("20", MET), ("20.1", REFER)], ids=["20-points", "over-20-points"]
)
def test_dc_8_gap_to_the_assemblies(gap, outcome):
    assert dc_8(buy(1, "100"), buy(2, gap, "DE", parent="1")).outcome == outcome


def test_dc_8_buckets():
    lines = (
        buy(1, "40"),
        buy(2, "20", "CA"),
        buy(3, "15", "JP"),
        buy(4, "5", "RU"),
        buy(5, "15", "TH"),
        buy(6, "5", ""),
    )
    numbers = dc_8(*lines).numbers
    assert {name: shown(numbers[f"{name}_pct"]) for name in deep_content.BUCKETS} == {
        "us": "40.0000",
        "usmca": "20.0000",
        "allied": "15.0000",
        "covered": "5.0000",
        "other": "15.0000",
        "unknown": "5.0000",
    }


@pytest.mark.parametrize(
    ("unknown", "outcome"), [("24", MET), ("25", REFER)], ids=["too-little-to-matter", "could-all-be-covered"]
)
def test_dc_8_too_much_of_unknown_origin_is_referred(unknown, outcome):
    assert dc_8(buy(1, str(100 - int(unknown))), buy(2, unknown, "")).outcome == outcome


@pytest.mark.parametrize(
    ("lines", "outcome", "said"),
    [
        ((buy(1, "5", parent="2"), buy(2, "5", parent="1"), buy(3, "9")), NOT_MET, "loop"),
        ((buy(1, "5"), buy(2, "5", parent="9")), NOT_MET, "does not exist"),
        ((buy(1, "5"), buy(1, "6")), NOT_MET, "repeated"),
        ((buy(1, "100"), buy(2, "102.1", parent="1")), NOT_MET, "over 2%"),
        ((buy(1, "100"), buy(2, "102", parent="1")), MET, "U.S. made"),
        ((buy(1, "100"), buy(2, None, parent="1")), REFER, "missing on line 2"),
        ((), REFER, "no bill of materials"),
    ],
    ids=[
        "cycle",
        "orphan",
        "duplicate",
        "children-over-2-percent",
        "children-within-2-percent",
        "cost-missing",
        "none",
    ],
)
def test_dc_8_checks_the_bill(lines, outcome, said):
    found = dc_8(*lines)
    assert found.outcome == outcome and said in found.message


def test_a_deep_chain_and_a_long_cycle_are_no_trouble():
    chain = [buy(n, "10", parent=str(n - 1) if n > 1 else "") for n in range(1, 3001)]
    assert roll_up(chain).is_a_tree
    ring = [buy(n, "10", parent=str(n % 3000 + 1)) for n in range(1, 3001)]
    assert len(roll_up(ring).cycles) == 3000


costs = st.decimals(min_value=0, max_value=10_000, places=4)
origins = st.sampled_from(["US", "CN", "MX", "DE", "TH", ""])
bought = st.tuples(costs, costs, origins, st.integers(1, 40), st.booleans())


def a_bill(rows, factor):
    """Every second line hangs below the one before it, at a cost that fits inside it."""
    lines = []
    for place, (cost, duty, origin, qty, nested) in enumerate(rows, start=1):
        parent = str(place - 1) if nested and place > 1 and not lines[-1].parent_line else ""
        lines.append(
            buy(place, None, origin, parent=parent, qty=str(qty))
            if cost == 0
            else replace(
                buy(place, "0", origin, parent=parent, qty=str(qty)),
                unit_acquisition_cost=cost * factor,
                duty=duty * factor,
            )
        )
    return tuple(lines)


@given(
    st.lists(bought, min_size=1, max_size=8),
    st.decimals(min_value="0.0001", max_value=100_000, places=4).filter(lambda factor: factor > 0),
)
def test_bills_that_differ_in_the_scale_of_costs_read_the_same(rows, factor):
    def technical(scale):
        facts = proposal(*a_bill(rows, scale), years=(2027, 2029))
        return [
            finding
            for rule in (
                domestic_content.line_valuation,
                domestic_content.component_test,
                deep_content.deep_roll_up,
            )
            for finding in rule.findings(facts, rule.params(), on=ON)
            if finding.envelope == Envelope.TECHNICAL
        ]

    assert technical(Decimal(1)) == technical(factor)


@given(st.lists(bought, min_size=1, max_size=8))
def test_the_sealed_part_says_nothing_but_that_it_was_computed(rows):
    facts = proposal(*a_bill(rows, Decimal(1)))
    sealed = [
        f for f in findings(domestic_content.line_valuation, facts).values() if f.envelope == Envelope.PRICE
    ]
    assert [(f.part, f.outcome) for f in sealed] in ([], [("amounts", MET)])
