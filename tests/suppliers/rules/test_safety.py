"""WS-1 injuries, WS-3 insurance, AT-1 statements."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.kit.compliance import Outcome
from suppliers.facts import AttestationFacts, InsuranceFacts, SafetyYearFacts, SupplierFacts
from suppliers.reference.attestation_texts import TEXTS, text_of
from suppliers.rules import attestations, insurance, safety

ON = date(2026, 5, 12)
MET, NOT_MET, REFER = Outcome.MET, Outcome.NOT_MET, Outcome.REFER


def year(of, cases, hours, *, deaths=0, away=0):
    return SafetyYearFacts(
        year=of, deaths=deaths, days_away=away, restricted=0, other=cases - away, hours=Decimal(hours)
    )


def injuries(*years, params=None):
    facts = SupplierFacts(legal_name="A", naics=("332322",), safety=years)
    rule = safety.injuries
    return {each.part: each for each in rule.findings(facts, params or rule.params(), on=ON)}


@pytest.mark.parametrize(
    ("cases", "hours", "rate", "outcome"),
    [
        (3, 410_000, "1.46", MET),
        (7, 400_000, "3.50", REFER),
        (6, 780_000, "1.54", MET),
        (8, 400_000, "4.00", NOT_MET),
    ],
)
def test_ws_1_worked_examples(cases, hours, rate, outcome):
    found = injuries(year(2025, cases, hours))["2025"]
    assert (found.numbers["trir"], found.outcome) == (rate, outcome)


def test_ws_1_the_lines_are_inclusive():
    # 2.6 and 3.9 exactly: 2.6 x 200,000 hours is 2.6 cases, so ten times as many hours.
    assert injuries(year(2025, 26, 2_000_000))["2025"].outcome == MET
    assert injuries(year(2025, 39, 2_000_000))["2025"].outcome == REFER
    assert injuries(year(2025, 40, 2_000_000))["2025"].outcome == NOT_MET


def test_ws_1_deaths_stand_apart_and_the_industry_is_compared_without_them():
    found = injuries(year(2025, 3, 410_000, deaths=1))
    assert found["2025"].numbers["nonfatal_rate"] == "1.46"
    assert found["2025"].numbers["trir"] == "1.95"
    assert found["deaths"].outcome == REFER
    assert "deaths" not in injuries(year(2025, 3, 410_000))


def test_ws_1_three_years_together():
    found = injuries(year(2025, 0, 400_000), year(2024, 0, 400_000), year(2023, 12, 400_000))
    assert found["three years"].numbers["trir"] == "2.00"
    assert found["2023"].outcome == NOT_MET


def test_ws_1_a_small_firm_is_judged_over_three_years_and_at_worst_referred():
    found = injuries(year(2025, 1, 30_000), year(2024, 1, 30_000), year(2023, 0, 30_000))
    assert found["2025"].outcome == REFER
    assert found["three years"].numbers["trir"] == "4.44"
    assert found["three years"].outcome == REFER


@pytest.mark.parametrize(
    ("cases", "hours", "outcome"),
    [
        pytest.param(0, 99_999, MET, id="a-clean-small-year"),
        pytest.param(9, 99_999, REFER, id="a-bad-small-year"),
        pytest.param(9, 100_000, NOT_MET, id="a-bad-year-of-100000"),
    ],
)
def test_ws_1_a_year_of_few_hours_is_judged_by_the_three_and_at_worst_referred(cases, hours, outcome):
    found = injuries(year(2025, cases, hours))
    assert found["2025"].outcome == outcome
    assert found["three years"].outcome == outcome
    assert ("too few" in found["2025"].message) is (hours < 100_000)


def test_ws_1_small_years_of_a_larger_firm_do_not_soften_the_three():
    found = injuries(year(2025, 2, 90_000), year(2024, 40, 400_000), year(2023, 40, 400_000))
    assert (found["2025"].outcome, found["three years"].outcome) == (REFER, NOT_MET)


def test_ws_1_reads_the_last_three_years():
    found = injuries(*(year(of, 99 if of == 2022 else 0, 400_000) for of in (2022, 2025, 2023, 2024)))
    assert {part: each.outcome for part, each in found.items()} == {
        **dict.fromkeys(("2025", "2024", "2023", "three years"), MET)
    }


def test_ws_1_says_the_rate_and_the_line_it_crossed():
    found = injuries(year(2025, 8, 400_000), year(2024, 3, 50_000))
    assert found["2025"].message == (
        "Your injury rate in 2025 is 4.00 per 100 workers. Industry average: 2.6. Our limit: 3.9."
    )
    assert found["2024"].message == (
        "50,000 hours in 2024 are too few for a separate rate. Your injury rate over 2 years is 4.89 per 100 workers. "
        "Industry average: 2.6. Our limit: 3.9."
    )
    over = injuries(year(2025, 39_001, 2_000_000_000))["2025"]
    assert (over.outcome, over.message.split()[6]) == (NOT_MET, "3.9001")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"other": -1}, NOT_MET, id="more-days-away-than-cases"),
        pytest.param({"deaths": -1}, NOT_MET, id="deaths-below-zero"),
        pytest.param({"restricted": -1}, NOT_MET, id="restricted-below-zero"),
        pytest.param({"deaths": None}, REFER, id="deaths-not-given"),
        pytest.param({"hours": None}, REFER, id="hours-not-given"),
    ],
)
def test_ws_1_a_year_that_cannot_be_gives_no_rate_and_no_sum(changes, outcome):
    found = injuries(replace(year(2025, 3, 410_000, away=3), **changes), year(2024, 0, 400_000))
    assert (found["2025"].outcome, found["three years"].outcome) == (outcome, REFER)
    assert found["2025"].numbers == {}
    assert ("lost-day cases" in found["2025"].message) is (changes == {"other": -1})


def test_ws_1_dart_counts_days_away_and_restricted_only():
    given = SafetyYearFacts(year=2025, deaths=0, days_away=2, restricted=1, other=4, hours=Decimal(400_000))
    assert injuries(given)["2025"].numbers == {
        "trir": "3.50",
        "nonfatal_rate": "3.50",
        "dart": "1.50",
        "benchmark": "2.6",
    }


def test_ws_1_counts_in_words():
    found = injuries(year(2025, 3, 410_000, deaths=1))
    assert found["deaths"].message == "1 death in 1 year (column G)."
    assert "over 1 year is" in found["three years"].message


def test_ws_1_a_rate_is_shown_on_its_side_of_the_line():
    found = injuries(year(2025, 26_001, 2_000_000_000))["2025"]
    assert found.outcome == REFER
    assert "2.6001" in found.message


@pytest.mark.parametrize("hours", [0, -5])
def test_ws_1_without_hours_there_is_no_rate(hours):
    assert injuries(year(2025, 1, hours))["2025"].outcome == REFER


def test_ws_1_nothing_given_is_referred():
    assert injuries()[""].outcome == REFER
    blank = replace(year(2025, 1, 400_000), other=None)
    assert injuries(blank)["2025"].outcome == REFER


def test_ws_1_the_longest_prefix_of_the_industry_counts():
    params = safety.SafetyParams(benchmarks=("33: 9.9", "3323: 1.0", "no line"))
    assert safety.benchmark(("332322",), params) == Decimal("1.0")
    assert safety.benchmark(("334111",), params) == Decimal("9.9")
    assert safety.benchmark(("541512",), params) == params.default
    assert safety.benchmark(("334111", "332322"), params) == Decimal("9.9")
    assert safety.benchmark((), params) == params.default == Decimal("2.6")


FULL = {
    "general": (1_000_000, 2_000_000),
    "umbrella": (5_000_000, 5_000_000),
    "workers": (None, None),
    "product": (5_000_000, 5_000_000),
    "cyber": (5_000_000, 5_000_000),
}


def policy(kind, limits, **dates):
    single, total = (None if each is None else Decimal(each) for each in limits)
    days = {"effective": date(2026, 1, 1), "expires": date(2026, 12, 31), **dates}
    return InsuranceFacts(kind=kind, per_occurrence=single, aggregate=total, **days)


def insured(changes=None, **dates):
    limits = {**FULL, **(changes or {})}
    held = tuple(policy(kind, each, **dates.get(kind, {})) for kind, each in limits.items() if each)
    rule = insurance.insurance
    facts = SupplierFacts(legal_name="A", insurance=held)
    return {each.part: each.outcome for each in rule.findings(facts, rule.params(), on=ON)}


def test_ws_3_everything_in_force_with_its_limits():
    assert set(insured().values()) == {MET}


@pytest.mark.parametrize(
    ("kind", "limits", "expected"),
    [
        ("umbrella", (4_999_999, None), NOT_MET),
        ("product", (4_999_999, 4_999_999), NOT_MET),
        ("cyber", (1_000_000, 1_000_000), NOT_MET),
        ("cyber", (None, None), REFER),
        ("general", (None, 2_000_000), REFER),
        ("workers", (), REFER),
        ("umbrella", (5_000_000, 4_999_999), NOT_MET),
        ("umbrella", (1_000_000, 5_000_000), NOT_MET),
        ("product", (None, 5_000_000), MET),
        ("general", (1_000_000, None), REFER),
    ],
)
def test_ws_3_a_short_or_missing_policy(kind, limits, expected):
    assert insured({kind: limits})[kind] == expected


def test_ws_3_the_umbrella_fills_up_general_liability():
    short = {"general": (500_000, 1_000_000)}
    assert insured(short)["general"] == MET
    assert insured({**short, "umbrella": ()})["general"] == NOT_MET
    ended = {"effective": date(2025, 1, 1), "expires": date(2026, 5, 11)}
    assert insured(short, umbrella=ended)["general"] == NOT_MET


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((999_999, 2_000_000), "$999,999 per occurrence, $1,000,000 required"),
        ((1_000_000, 1_999_999), "$1,999,999 aggregate, $2,000,000 required"),
    ],
)
def test_ws_3_general_liability_has_two_limits(limits, said):
    held = (policy("general", limits),)
    rule = insurance.insurance
    found = rule.findings(SupplierFacts(legal_name="A", insurance=held), rule.params(), on=ON)[0]
    assert (found.part, found.outcome) == ("general", NOT_MET)
    assert found.message == f"Commercial general liability: {said}."


@pytest.mark.parametrize(
    ("umbrella", "expected"),
    [
        ((500_000, 1_000_000), MET),
        ((499_999, 1_000_000), NOT_MET),
        ((500_000, 999_999), NOT_MET),
        ((1_000_000, None), MET),
        ((None, 1_000_000), MET),
        ((None, None), NOT_MET),
        ((0, 0), NOT_MET),
    ],
)
def test_ws_3_the_umbrella_fills_each_limit_with_its_own(umbrella, expected):
    assert insured({"general": (500_000, 1_000_000), "umbrella": umbrella})["general"] == expected


def test_ws_3_a_renewal_that_begins_later_does_not_hide_the_policy_in_force():
    now = policy("cyber", FULL["cyber"], expires=date(2026, 6, 30))
    later = policy("cyber", FULL["cyber"], effective=date(2026, 7, 1), expires=date(2027, 6, 30))
    rule = insurance.insurance
    for held in ((now, later), (later, now)):
        found = rule.findings(SupplierFacts(legal_name="A", insurance=held), rule.params(), on=ON)
        assert {each.part: each.outcome for each in found}["cyber"] == MET


def test_ws_3_of_policies_that_ended_the_last_is_named():
    ended = [policy("cyber", FULL["cyber"], expires=date(2026, month, 1)) for month in (2, 4, 3)]
    rule = insurance.insurance
    found = rule.findings(SupplierFacts(legal_name="A", insurance=tuple(ended)), rule.params(), on=ON)
    messages = {each.part: each.message for each in found}
    assert messages["cyber"] == "Cyber expired on April 1, 2026."


def test_ws_3_says_the_limit_and_the_line():
    held = (policy("cyber", (1_000_000, 2_000_000)), policy("product", FULL["product"]))
    rule = insurance.insurance
    found = rule.findings(SupplierFacts(legal_name="A", insurance=held), rule.params(), on=ON)
    messages = {each.part: each.message for each in found}
    assert messages["cyber"] == "Cyber: $1,000,000 of $5,000,000."
    assert messages["product"] == (
        "Product liability is in effect until December 31, 2026 with the required limits."
    )
    assert messages["umbrella"] == "Umbrella: no policy on file."


def test_ws_3_a_kind_without_a_least_limit_needs_its_dates_only():
    held = (policy("auto", (None, None)),)
    params = insurance.InsuranceParams(kinds=("auto",))
    (found,) = insurance.insurance.findings(SupplierFacts(legal_name="A", insurance=held), params, on=ON)
    assert (found.part, found.outcome) == ("auto", MET)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"expires": ON}, MET),
        ({"expires": date(2026, 5, 11)}, NOT_MET),
        ({"effective": date(2026, 5, 13)}, REFER),
        ({"effective": ON}, MET),
        ({"effective": None}, REFER),
        ({"expires": None}, REFER),
    ],
)
def test_ws_3_dates(dates, expected):
    assert insured(cyber=dates)["cyber"] == expected


SIGNED = AttestationFacts(
    code="mfa",
    title="Multi-factor sign-in",
    answer=True,
    signer="Pat",
    signer_title="Owner",
    signed_at=datetime(2026, 5, 12, 9, tzinfo=UTC),
    text_version="2",
    current_version="2",
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, MET, id="signed"),
        pytest.param({"answer": False}, REFER, id="adverse"),
        pytest.param({"answer": False, "favourable": False}, MET, id="no-is-favorable"),
        pytest.param({"answer": None}, NOT_MET, id="not-answered"),
        pytest.param({"signer": " "}, NOT_MET, id="not-signed"),
        pytest.param({"signer_title": " "}, NOT_MET, id="no-title"),
        pytest.param({"answer": True, "favourable": False}, REFER, id="yes-is-adverse"),
        pytest.param({"answer": False, "text_version": "1"}, NOT_MET, id="adverse-under-old-wording"),
        pytest.param({"signed_at": datetime(2026, 5, 12, 23, 59, tzinfo=UTC)}, MET, id="signed-today"),
        pytest.param({"signed_at": None}, NOT_MET, id="no-day"),
        pytest.param({"text_version": "1"}, NOT_MET, id="old-wording"),
        pytest.param({"signed_at": datetime(2026, 5, 13, tzinfo=UTC)}, NOT_MET, id="signed-tomorrow"),
    ],
)
def test_at_1_statements(changes, expected):
    facts = SupplierFacts(legal_name="A", attestations=(replace(SIGNED, **changes),))
    rule = attestations.statements
    (found,) = rule.findings(facts, rule.params(), on=ON)
    assert (found.part, found.outcome) == ("mfa", expected)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Signed by Pat, Owner on May 12, 2026."),
        ({"answer": False}, "Answered “no” by Pat, Owner. A person will review it."),
        ({"answer": True, "favourable": False}, "Answered “yes” by Pat, Owner. A person will review it."),
        ({"text_version": "1"}, "Signed under wording 1. The current wording is 2."),
        ({"signer_title": ""}, "Signed by Pat without a title."),
    ],
)
def test_at_1_says_who_signed_what(changes, said):
    facts = SupplierFacts(legal_name="A", attestations=(replace(SIGNED, **changes),))
    (found,) = attestations.statements.findings(facts, attestations.statements.params(), on=ON)
    assert (found.title, found.message) == ("Multi-factor sign-in", said)
    untitled = SupplierFacts(legal_name="A", attestations=(replace(SIGNED, title=""),))
    (found,) = attestations.statements.findings(untitled, attestations.statements.params(), on=ON)
    assert found.title == "mfa"


def test_at_1_asks_for_every_statement():
    assert {text.code for text in TEXTS} == {
        "mfa", "encryption", "incident", "sbom", "ip", "bribery", "labor", "conflict", "889",
    }  # fmt: skip
    assert "within 72 hours" in text_of("incident").text
    assert {text.code for text in TEXTS if not text.favourable} == {"conflict", "889"}


def test_at_1_without_statements_does_not_apply():
    rule = attestations.statements
    (found,) = rule.findings(SupplierFacts(legal_name="A"), rule.params(), on=ON)
    assert found.outcome == Outcome.NOT_APPLICABLE
