"""RQ-1: each requirement against its answer."""

from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Effect, Outcome
from rfp.facts import (
    CapacityFacts,
    DocumentFacts,
    JobsLineFacts,
    ProcessStepFacts,
    ProposalFacts,
    RampPeriodFacts,
    RequirementFacts,
    ResponseFacts,
)
from rfp.rules import responses
from suppliers.facts import SiteFacts, SupplierFacts

ON = date(2026, 5, 12)
MET, NOT_MET, REFER, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.REFER, Outcome.NOT_APPLICABLE


def rq_1(value="", *, evidence_present=False, facts=None, **requirement):
    asked = RequirementFacts(code="L1-R01", **requirement)
    response = ResponseFacts(requirement=asked, value=value, evidence_present=evidence_present)
    given = {"supplier": SupplierFacts(legal_name="A"), "items": ("L1-A",), **(facts or {})}
    rule = responses.requirements
    (found,) = rule.findings(ProposalFacts(responses=(response,), **given), rule.params(), on=ON)
    return found


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("1500", MET),
        ("1499.999", NOT_MET),
        ("2000", MET),
        ("2000.001", NOT_MET),
        ("1.6e3", MET),
        ("", REFER),
        ("  ", REFER),
        ("about 1600", REFER),
        ("NaN", REFER),
    ],
)
def test_rq_1_a_number_lies_within_its_limits_inclusive(value, outcome):
    assert rq_1(value, data_type="number", minimum="1500", maximum="2000", unit="kg").outcome == outcome


def test_rq_1_says_the_value_and_the_line():
    found = rq_1("1200", data_type="number", minimum="1500", unit="kg")
    assert found.message == "1,200 kg. It must be at least 1,500 kg."
    assert found.numbers == {"answer": "1200", "minimum": "1500"}
    tiny = rq_1("1e-8", data_type="number", maximum="0.00024", unit="ratio")
    assert tiny.outcome == MET and tiny.message == "0.00000001 ratio. It must be at most 0.00024 ratio."


@pytest.mark.parametrize(
    ("requirement", "value", "outcome"),
    [
        pytest.param({"data_type": "integer", "minimum": "96"}, "96", MET, id="integer"),
        pytest.param({"data_type": "integer", "minimum": "96"}, "96.5", REFER, id="not-whole"),
        pytest.param({"data_type": "boolean", "expected": ("true",)}, "true", MET, id="yes"),
        pytest.param({"data_type": "boolean", "expected": ("true",)}, "false", NOT_MET, id="no"),
        pytest.param({"data_type": "boolean"}, "false", MET, id="no-when-anything-goes"),
        pytest.param({"data_type": "boolean"}, "perhaps", REFER, id="neither"),
        pytest.param({"data_type": "choice", "expected": ("PL d", "PL e")}, "PL e", MET, id="expected"),
        pytest.param({"data_type": "choice", "expected": ("PL d", "PL e")}, "PL c", NOT_MET, id="unexpected"),
        pytest.param({"data_type": "choice", "choices": ("a", "b")}, "b", MET, id="among-the-choices"),
        pytest.param({"data_type": "choice", "choices": ("a", "b")}, "c", NOT_MET, id="not-a-choice"),
        pytest.param({"data_type": "date", "minimum": "2026-07-01"}, "2026-07-01", MET, id="first-day"),
        pytest.param({"data_type": "date", "minimum": "2026-07-01"}, "2026-06-30", NOT_MET, id="day-before"),
        pytest.param({"data_type": "date", "maximum": "2028-06-30"}, "2028-07-01", NOT_MET, id="day-after"),
        pytest.param({"data_type": "date"}, "soon", REFER, id="no-date"),
        pytest.param({"data_type": "string"}, "PVD-coated", MET, id="text"),
        pytest.param({"data_type": "table"}, '[{"a": "1"}]', MET, id="table"),
        pytest.param({"data_type": "file"}, "named.pdf", NOT_APPLICABLE, id="file-named-but-not-sent"),
    ],
)
def test_rq_1_by_data_type(requirement, value, outcome):
    assert rq_1(value, **requirement).outcome == outcome


@pytest.mark.parametrize(
    ("effect", "expected"),
    [("knockout", Effect.KNOCKOUT), ("scored", Effect.ADVISORY), ("informative", Effect.ADVISORY)],
)
def test_rq_1_takes_the_effect_of_the_requirement(effect, expected):
    assert rq_1("no", data_type="number", effect=effect).effect == expected


def test_rq_1_leaves_files_to_at_2():
    """A file that was not sent is reported once, by the rule on documents."""
    asked = {"data_type": "string", "evidence_required": True, "evidence": "Test report"}
    assert rq_1("Yes", **asked).outcome == MET
    sent = DocumentFacts(name="r.pdf", size=9, extension="pdf", requirement="L1-R01")
    assert rq_1(data_type="file", facts={"documents": (sent,)}).message == "r.pdf"
    assert rq_1(data_type="file").outcome == NOT_APPLICABLE
    unanswered = rq_1("", **asked)
    assert unanswered.outcome == REFER and unanswered.numbers["answered"] == "false"


def test_rq_1_leaves_out_what_other_items_are_asked():
    asked = [
        RequirementFacts(code="L1-R01", items=("L1-A",)),
        RequirementFacts(code="L1-R02", items=("L1-B",)),
        RequirementFacts(code="C-01"),
    ]
    facts = ProposalFacts(
        supplier=SupplierFacts(legal_name="A"),
        items=("L1-A",),
        responses=tuple(ResponseFacts(requirement=each, value="x") for each in asked),
    )
    rule = responses.requirements
    assert [f.part for f in rule.findings(facts, rule.params(), on=ON)] == ["L1-R01", "C-01"]
    none = ProposalFacts(supplier=SupplierFacts(legal_name="A"))
    assert [f.outcome for f in rule.findings(none, rule.params(), on=ON)] == [Outcome.NOT_APPLICABLE]


FILLED = {
    "supplier": SupplierFacts(legal_name="A", sites=(SiteFacts(key="7", name="Main plant"),)),
    "final_site": "7",
    "capacity": CapacityFacts(offered_per_year=Decimal(4800)),
    "ramp": (RampPeriodFacts(period="2027Q3", demand=Decimal(1), capacity=Decimal(2)),),
    "lead_time_days": 56,
    "start_of_production": date(2027, 5, 3),
    "jobs": (JobsLineFacts(state="OH", new=Decimal(5)),),
    "process_steps": (ProcessStepFacts(name="Welding"),),
}


@pytest.mark.parametrize(
    ("answered_by", "data_type"),
    [
        ("site", "choice"),
        ("process_steps", "table"),
        ("capacity", "integer"),
        ("ramp", "table"),
        ("lead_time", "integer"),
        ("start_of_production", "date"),
        ("jobs", "table"),
    ],
)
def test_rq_1_reads_the_answer_from_the_section_that_holds_it(answered_by, data_type):
    asked = {"answered_by": answered_by, "data_type": data_type, "choices": ("from your site list",)}
    assert rq_1(facts=FILLED, **asked).outcome == MET
    assert rq_1(**asked).outcome == REFER


def test_rq_1_a_long_requirement_has_a_short_title():
    assert len(rq_1("x", text="Why " * 100).title) <= 120
