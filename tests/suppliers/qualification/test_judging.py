"""What findings, waivers and words mean for a standing: each edge by itself, without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.kit.compliance import Audience, Effect, Envelope, Finding, Outcome
from suppliers.facts import CertificateFacts, CommodityFacts, HitFacts, ScreeningFacts, SupplierFacts
from suppliers.qualification.judging import (
    Change,
    Standing,
    StandingPolicy,
    finding_key,
    judge,
    lasts_until,
    next_change,
    open_hits,
    standing,
)

ON = date(2026, 5, 12)
DAY = timedelta(days=1)
MET, NOT_MET, REFER, NA = Outcome.MET, Outcome.NOT_MET, Outcome.REFER, Outcome.NOT_APPLICABLE


def finding(rule="FA-1", outcome=NOT_MET, effect=Effect.KNOCKOUT, part="", message="Said."):
    return Finding(
        rule=rule,
        part=part,
        outcome=outcome,
        effect=effect,
        audience=Audience.SUPPLIER,
        envelope=Envelope.TECHNICAL,
        title="",
        message=message,
        fix="",
        basis="",
        legal_effect="",
        numbers={},
    )


def hit(state="open", **more):
    values = {"role": "owner", "band": "strong", "disposition": state, **more}
    return HitFacts(
        name="X Fund",
        source="ofac",
        record="1",
        matched_name="X FUND",
        programme="",
        score=Decimal("0.9"),
        **values,
    )


def judged(*findings, waived=(), overrides=None):
    return judge(findings, waived=frozenset(waived), overrides=overrides or {})


def stands(*findings, hits=(), waived=(), overrides=None):
    return standing(
        judged(*findings, waived=waived, overrides=overrides),
        supplier=SupplierFacts(legal_name="A"),
        commodity=CommodityFacts(code="racks"),
        screening=ScreeningFacts(hits=tuple(hits)),
        policy=StandingPolicy(),
        on=ON,
    )


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"rule": "FA-2"}, False),
        ({"part": "1"}, False),
        ({"outcome": REFER}, False),
        ({"message": "Said otherwise."}, False),
        ({"effect": Effect.ADVISORY}, True),
    ],
    ids=["the-same", "rule", "part", "outcome", "words", "effect-does-not-count"],
)
def test_two_findings_are_the_same_by_rule_part_outcome_and_words(change, same):
    assert (finding_key(finding()) == finding_key(finding(**change))) is same


@pytest.mark.parametrize("outcome", [NOT_MET, REFER])
@pytest.mark.parametrize("rule", ["SC-1", "SC-2", "SC-3", "SC-4", "SC-7", "SC-9"])
def test_what_screening_found_is_never_waived(rule, outcome):
    (each,) = judged(finding(rule, outcome), waived=[rule])
    assert (each.outcome, each.waived) == (outcome, False)


@pytest.mark.parametrize("rule", ["SC-8", "FA-1", "CE-1"])
def test_any_other_rule_is_waived_when_it_is_adverse(rule):
    for outcome in (NOT_MET, REFER):
        (each,) = judged(finding(rule, outcome), waived=[rule])
        assert (each.outcome, each.waived, each.overridden) == (NA, True, False)
    (other,) = judged(finding(rule), waived=["ID-1"])
    assert (other.outcome, other.waived) == (NOT_MET, False)


@pytest.mark.parametrize("outcome", [MET, NA])
def test_what_is_not_adverse_needs_no_waiver(outcome):
    (each,) = judged(finding(outcome=outcome), waived=["FA-1"])
    assert (each.outcome, each.waived, each.overridden) == (outcome, False, False)


def test_a_persons_word_counts_before_a_waiver():
    said = {finding_key(finding()): REFER}
    (each,) = judged(finding(), waived=["FA-1"], overrides=said)
    assert (each.outcome, each.waived, each.overridden) == (REFER, False, True)


@pytest.mark.parametrize(
    ("outcome", "effect", "excludes", "is_adverse"),
    [
        (NOT_MET, Effect.KNOCKOUT, True, True),
        (NOT_MET, Effect.ADVISORY, False, True),
        (REFER, Effect.KNOCKOUT, False, True),
        (MET, Effect.KNOCKOUT, False, False),
        (NA, Effect.KNOCKOUT, False, False),
    ],
)
def test_only_a_knock_out_that_is_not_met_excludes(outcome, effect, excludes, is_adverse):
    found = stands(finding(outcome=outcome, effect=effect))
    assert (len(found.excluding), len(found.adverse)) == (excludes, is_adverse)
    assert found.is_clean is not is_adverse


def test_what_was_set_aside_neither_excludes_nor_is_adverse():
    for found in (
        stands(finding(), waived=["FA-1"]),
        stands(finding(), overrides={finding_key(finding()): MET}),
    ):
        assert (found.excluding, found.adverse, found.is_clean) == ((), (), True)


@pytest.mark.parametrize(
    ("given", "is_open"),
    [
        pytest.param(hit("open"), True, id="open"),
        pytest.param(hit("escalated"), True, id="escalated"),
        pytest.param(hit("true_match"), False, id="confirmed"),
        pytest.param(hit("false_positive"), False, id="cleared"),
        pytest.param(hit("open", band="logged"), False, id="a-distant-name-is-only-logged"),
        pytest.param(hit("open", band="logged", kind="individual"), True, id="a-distant-name-of-a-person"),
    ],
)
def test_an_open_hit_holds(given, is_open):
    assert open_hits(ScreeningFacts(hits=(given,))) == ((given,) if is_open else ())
    assert stands(hits=[given]).held is (is_open or given.disposition == "true_match")


@pytest.mark.parametrize(
    "found", [finding("SC-2"), finding("SC-2", REFER), finding("SC-2", MET), finding("SC-8")]
)
def test_a_confirmed_hit_holds_whatever_its_finding_says(found):
    state = stands(found, hits=[hit("false_positive"), hit("true_match")])
    assert (state.held, state.confirmed) == (True, True)
    for cleared in ("false_positive", "ended"):
        assert not stands(found, hits=[hit(cleared)]).held


def test_nobody_sets_a_confirmed_hit_aside():
    said = {finding_key(finding("SC-2")): MET}
    state = stands(finding("SC-2"), hits=[hit("true_match")], overrides=said, waived=["SC-2"])
    assert state.held and [each.outcome for each in state.adverse] == [NOT_MET]


def test_a_hold_is_not_clean_although_every_rule_is_met():
    assert stands(finding(outcome=MET)).is_clean
    assert not stands(finding(outcome=MET), hits=[hit()]).is_clean


def certificate(scheme, expires):
    return CertificateFacts(scheme=scheme, number="Q", expires=expires)


@pytest.mark.parametrize(
    ("held", "until"),
    [
        pytest.param((), date(2027, 5, 12), id="the-term"),
        pytest.param(("ISO 9001", date(2026, 8, 1)), date(2026, 8, 1), id="a-certificate-ends-before"),
        pytest.param(("iso9001:2015", date(2026, 8, 1)), date(2026, 8, 1), id="otherwise-written"),
        pytest.param(("ISO 9001", date(2028, 8, 1)), date(2027, 5, 12), id="a-certificate-ends-after"),
        pytest.param(("ISO 14001", date(2026, 8, 1)), date(2027, 5, 12), id="one-that-is-not-asked-for"),
        pytest.param(("ISO 9001", None), date(2027, 5, 12), id="one-without-a-last-day"),
        pytest.param(("ISO 9001", date(2026, 5, 1)), date(2026, 5, 1), id="one-that-has-ended"),
    ],
)
def test_it_lasts_for_the_term_or_until_a_paper_that_is_asked_for_ends(held, until):
    supplier = SupplierFacts(legal_name="A", certificates=(certificate(*held),) if held else ())
    commodity = CommodityFacts(code="racks", schemes=("ISO 9001",))
    assert lasts_until(supplier, commodity, StandingPolicy(), on=ON) == until


def test_of_one_scheme_the_longest_counts_and_of_two_schemes_the_shorter():
    held = (
        certificate("ISO 9001", date(2026, 8, 1)),
        certificate("ISO 9001", date(2026, 9, 1)),
        certificate("ISO 9001", None),
        certificate("ISO 14001", date(2026, 7, 1)),
    )
    supplier = SupplierFacts(legal_name="A", certificates=held)
    one = CommodityFacts(code="racks", schemes=("ISO 9001",))
    both = CommodityFacts(code="racks", schemes=("ISO 9001", "ISO 14001"))
    assert lasts_until(supplier, one, StandingPolicy(), on=ON) == date(2026, 9, 1)
    assert lasts_until(supplier, both, StandingPolicy(), on=ON) == date(2026, 7, 1)


def test_the_policy_that_is_built_in():
    policy = StandingPolicy()
    assert (policy.by_rule, policy.term_months, policy.renewal_days) == (False, 12, 90)
    assert policy.remind_days == (90, 60, 30)


NEXT_YEAR = date(2027, 5, 12)
(EXCLUDING,) = judged(finding(message="No site in Ohio."))
(ADVERSE,) = judged(finding("CE-2", REFER, Effect.ADVISORY))


def change(status, *, held=False, excluding=(), adverse=(), lasts=NEXT_YEAR, until=None, accepted=(), **more):
    found = Standing(held=held, excluding=tuple(excluding), adverse=(*excluding, *adverse), until=lasts)
    keys = frozenset(finding_key(each.finding) for each in accepted)
    return next_change(status, found, until=until, accepted=keys, policy=StandingPolicy(**more), on=ON)


def after(status, **more):
    found = change(status, **more)
    return found and found.status


@pytest.mark.parametrize("status", ["in_progress", "not_qualified", "suspended"])
def test_what_waits_for_people_is_never_moved_by_rule(status):
    assert change(status, by_rule=True) is None
    assert change(status, held=True, until=ON - DAY) is None


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({}, None, id="not-by-rule"),
        pytest.param({"by_rule": True}, "qualified", id="by-rule-and-clean"),
        pytest.param({"by_rule": True, "held": True}, None, id="held"),
        pytest.param({"by_rule": True, "adverse": [ADVERSE]}, None, id="anything-adverse"),
        pytest.param({"by_rule": True, "excluding": [EXCLUDING]}, None, id="knock-out"),
        pytest.param({"adverse": [ADVERSE]}, None, id="neither"),
    ],
)
def test_what_waits_is_approved_by_rule_only_when_nothing_stands_against_it(more, status):
    assert after("pending", **more) == status


def test_an_approval_by_rule_lasts_as_long_as_the_papers_and_is_told():
    found = change("pending", by_rule=True, lasts=date(2026, 8, 1))
    assert (found.until, found.told) == (date(2026, 8, 1), "All rules are met.")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({"lasts": ON - DAY}, None, id="papers-ended"),
        pytest.param({"lasts": ON}, None, id="papers-end-today"),
        pytest.param({"lasts": ON + DAY}, "pending", id="papers-end-tomorrow"),
        pytest.param({"excluding": [EXCLUDING]}, None, id="knock-out"),
        pytest.param({"adverse": [ADVERSE]}, "pending", id="something-to-look-at"),
        pytest.param({"held": True}, "pending", id="held"),
    ],
)
def test_what_expired_waits_again_once_its_papers_are_renewed(more, status):
    assert after("expired", **more) == status


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({"held": True}, None, id="still-held"),
        pytest.param({"excluding": [EXCLUDING]}, None, id="knock-out"),
        pytest.param({"adverse": [ADVERSE], "until": ON}, ("qualified", ON), id="the-last-day-is-today"),
        pytest.param({"until": ON - DAY}, ("expired", None), id="the-last-day-has-passed"),
        pytest.param({"until": None}, ("qualified", None), id="without-a-last-day"),
    ],
)
def test_a_hold_ends_when_nothing_stands_against_it(more, expected):
    found = change("on_hold", **more)
    assert (found and (found.status, found.until)) == expected
    assert found is None or found.told == ""


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({"until": ON + 91 * DAY}, None, id="91-days-before-its-end"),
        pytest.param({"until": ON + 90 * DAY}, "qualified", id="90-days-before-its-end"),
        pytest.param({"until": ON}, "qualified", id="on-its-last-day"),
        pytest.param({"until": ON - DAY}, "expired", id="a-day-after-its-last"),
        pytest.param({"until": ON + DAY, "lasts": ON + DAY}, None, id="papers-last-no-longer"),
        pytest.param({"until": ON + DAY, "lasts": ON + 2 * DAY}, "qualified", id="papers-last-a-day-longer"),
        pytest.param({"until": ON + DAY, "adverse": [ADVERSE]}, None, id="something-new"),
        pytest.param(
            {"until": ON + DAY, "adverse": [ADVERSE], "accepted": [ADVERSE]}, "qualified", id="nothing-new"
        ),
        pytest.param({"until": ON + 91 * DAY, "adverse": [ADVERSE]}, None, id="something-new-far-off"),
        pytest.param({"until": NEXT_YEAR, "held": True}, "on_hold", id="held"),
        pytest.param({"until": ON - DAY, "held": True}, "on_hold", id="held-after-its-last-day"),
        pytest.param({"until": NEXT_YEAR, "excluding": [EXCLUDING]}, "pending", id="knock-out"),
        pytest.param(
            {"until": NEXT_YEAR, "excluding": [EXCLUDING], "accepted": [EXCLUDING]},
            "pending",
            id="knock-out-that-was-known",
        ),
        pytest.param(
            {"until": ON - DAY, "excluding": [EXCLUDING]}, "expired", id="knock-out-after-its-last-day"
        ),
    ],
)
def test_where_a_qualified_standing_goes(more, status):
    assert after("qualified", **more) == status


def test_a_renewal_lasts_as_long_as_the_papers():
    found = change("qualified", until=ON + DAY, lasts=date(2026, 8, 1))
    assert found == Change(status="qualified", reason=found.reason, told=found.reason, until=date(2026, 8, 1))


def test_a_hold_is_told_to_nobody_and_an_end_is():
    assert change("qualified", until=NEXT_YEAR, held=True).told == ""
    assert "2026-05-11" in change("qualified", until=ON - DAY).told


def test_a_knock_out_is_the_reason_and_the_supplier_hears_of_a_change_only():
    found = change("qualified", until=NEXT_YEAR, excluding=[EXCLUDING])
    assert found.reason == "No site in Ohio."
    assert found.told and "Ohio" not in found.told
