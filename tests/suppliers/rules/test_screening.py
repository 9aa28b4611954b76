"""SC-1, SC-2, SC-9: what officers read, and that suppliers read the same with and without a hit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Audience, Effect, Outcome, assess, may_read
from portal.kit.parameters import default_params
from suppliers.facts import (
    HitFacts,
    ListFacts,
    OfficerFacts,
    OwnerFacts,
    QualificationFacts,
    ScreeningFacts,
    SiteFacts,
    SupplierFacts,
    names_to_screen,
)
from suppliers.rules import QUALIFICATION, screening

ON = date(2026, 5, 12)
HIT = HitFacts(
    name="Seaglass Metals",
    role="legal_name",
    source="ofac",
    record="123",
    matched_name="SEAGLAS METALS",
    programme="SDGT",
    score=Decimal("0.97"),
    band="strong",
    why="seaglass ~ seaglas, metals in both",
)


def facts(*hits, as_of=ON):
    lists = (ListFacts(source="ofac", snapshot="1", as_of=as_of),) if as_of else ()
    return ScreeningFacts(screened=("Seaglass Metals",), lists=lists, hits=hits)


def finding(rule, given, part=""):
    found = {each.part: each for each in rule.findings(given, rule.params(), on=ON)}
    return found[part]


@pytest.mark.parametrize(
    ("hit", "outcome"),
    [
        pytest.param(None, Outcome.MET, id="no-hit"),
        pytest.param(HIT, Outcome.REFER, id="strong"),
        pytest.param(replace(HIT, band="exact", score=Decimal(1)), Outcome.REFER, id="exact-name-only"),
        pytest.param(replace(HIT, band="possible", score=Decimal("0.80")), Outcome.REFER, id="possible"),
        pytest.param(replace(HIT, disposition="false_positive"), Outcome.MET, id="cleared"),
    ],
)
def test_sc_1_a_name_alone_never_excludes(hit, outcome):
    found = finding(screening.names, facts(*([hit] if hit else [])))
    assert (found.outcome, found.audience) == (outcome, Audience.CHAIR)


@pytest.mark.parametrize(
    ("role", "kind", "outcome"),
    [
        ("owner", "individual", Outcome.REFER),
        ("officer", "individual", Outcome.REFER),
        ("officer", "entity", Outcome.REFER),
        ("officer", "vessel", Outcome.MET),
        ("parent", "individual", Outcome.REFER),
        ("owner", "entity", Outcome.MET),
        ("legal_name", "individual", Outcome.MET),
    ],
)
def test_sc_1_every_hit_on_a_person_who_owns_or_leads_is_looked_at(role, kind, outcome):
    far = replace(HIT, band="logged", score=Decimal("0.71"), role=role, kind=kind)
    assert finding(screening.names, facts(far)).outcome == outcome


CONFIRMED = replace(HIT, disposition="true_match", source="csl")
SAM = replace(CONFIRMED, source="sam", list_code="SAM")


@pytest.mark.parametrize(
    ("hit", "outcome", "word"),
    [
        pytest.param(replace(CONFIRMED, list_code="SDN"), Outcome.NOT_MET, "Confirmed", id="csl-sdn"),
        pytest.param(SAM, Outcome.NOT_MET, "Confirmed", id="sam"),
        pytest.param(replace(CONFIRMED, source="1260h"), Outcome.NOT_MET, "Confirmed", id="1260h"),
        pytest.param(replace(CONFIRMED, source="uflpa"), Outcome.NOT_MET, "Confirmed", id="uflpa"),
        pytest.param(replace(CONFIRMED, list_code="DPL"), Outcome.REFER, "exports", id="denied-person"),
        pytest.param(replace(CONFIRMED, list_code="EL"), Outcome.REFER, "exports", id="entity-list"),
        pytest.param(replace(CONFIRMED, list_code="MEU"), Outcome.REFER, "exports", id="military-end-user"),
        pytest.param(replace(CONFIRMED, list_code="UVL"), Outcome.REFER, "exports", id="unverified-list"),
        pytest.param(replace(CONFIRMED, list_code="DTC"), Outcome.REFER, "exports", id="itar-debarred"),
        pytest.param(replace(CONFIRMED, source="dpl"), Outcome.REFER, "exports", id="denied-persons-file"),
        pytest.param(replace(CONFIRMED, source="un"), Outcome.REFER, "not exclude", id="united-nations"),
        pytest.param(
            replace(CONFIRMED, source="ofac", list_code="SSI"),
            Outcome.REFER,
            "not exclude",
            id="ofac-other-list",
        ),
        pytest.param(replace(CONFIRMED, source="custom"), Outcome.NOT_MET, "Confirmed", id="own-list"),
        pytest.param(
            replace(CONFIRMED, source="house"), Outcome.NOT_MET, "Confirmed", id="own-list-by-its-name"
        ),
        pytest.param(
            replace(CONFIRMED, source="uflpa", role="manufacturer"),
            Outcome.NOT_MET,
            "Confirmed",
            id="a-bom-line",
        ),
        pytest.param(
            replace(HIT, identifier="UEI Z", disposition="false_positive"),
            Outcome.MET,
            "No confirmed",
            id="same-identifier-cleared",
        ),
        pytest.param(
            replace(HIT, identifier="UEI Z", ended=date(2026, 5, 11)),
            Outcome.REFER,
            "hold",
            id="open-and-ended",
        ),
        pytest.param(replace(CONFIRMED, list_code="SSI"), Outcome.REFER, "not exclude", id="other-ofac"),
        pytest.param(
            replace(SAM, ended=date(2026, 5, 11)), Outcome.NOT_MET, "Confirmed", id="ended-and-confirmed"
        ),
        pytest.param(
            replace(SAM, is_listed=False),
            Outcome.NOT_MET,
            "no longer on the active list",
            id="not-listed-any-more",
        ),
        pytest.param(replace(SAM, ended=ON), Outcome.NOT_MET, "Confirmed", id="ends-today"),
        pytest.param(replace(HIT, identifier="UEI Z"), Outcome.NOT_MET, "Confirmed", id="same-identifier"),
        pytest.param(replace(HIT, disposition="escalated"), Outcome.REFER, "hold", id="escalated-holds"),
    ],
)
def test_sc_2_goes_by_the_list_and_its_day(hit, outcome, word):
    found = finding(screening.list_effects, facts(hit))
    assert found.outcome == outcome
    assert word in found.message


def test_sc_1_a_hit_names_the_list_inside_its_source():
    listed = replace(HIT, source="csl", list_code="EL")
    assert "CSL (EL) record 123" in finding(screening.names, facts(listed)).message
    assert (
        "SAM record" in finding(screening.names, facts(replace(HIT, source="sam", list_code="SAM"))).message
    )


def test_sc_1_says_how_close_and_that_no_programme_is_named():
    message = finding(screening.names, facts(replace(HIT, why="", programme=""))).message
    assert message == (
        "“Seaglass Metals” (legal name) is 0.97 similar to “SEAGLAS METALS”, OFAC record 123, no program named."
    )
    exact = replace(HIT, band="exact", score=Decimal(1), role="former_name")
    assert (
        "(former name) is the same as “SEAGLAS METALS” (seaglass"
        in finding(screening.names, facts(exact)).message
    )


def test_sc_1_counts_what_was_screened():
    assert finding(screening.names, facts()).numbers == {"names": "1", "hits": "0"}
    lower = replace(HIT, score=Decimal("0.91"), record="2")
    assert finding(screening.names, facts(HIT, lower)).numbers == {
        "names": "1",
        "hits": "2",
        "highest": "0.97",
    }


def test_sc_1_the_suppliers_sentence_decides_nothing():
    notice = finding(screening.names, facts(HIT), "notice")
    assert (notice.outcome, notice.audience) == (Outcome.NOT_APPLICABLE, Audience.SUPPLIER)
    assert dict(notice.numbers) == {}


@pytest.mark.parametrize(
    ("legal_name", "asked"),
    [
        ("霍克工厂", True),
        ("Хок Воркс", True),
        ("7-11 株式会社", True),
        ("霍克工厂 Hock Works", False),
        ("Ｈｏｃｋ", False),
        ("Łódź Gears", False),
        ("76", False),
        ("", False),
    ],
)
def test_sc_1_a_name_in_another_script_needs_an_english_one(legal_name, asked):
    found = screening.names.findings(
        replace(facts(), legal_name=legal_name), screening.FreshnessParams(), on=ON
    )
    script = [each for each in found if each.part == "script"]
    assert [(each.outcome, each.audience) for each in script] == [(Outcome.REFER, Audience.SUPPLIER)] * asked
    subject = QualificationFacts(supplier=SupplierFacts(legal_name=legal_name), screening=facts())
    in_book = QUALIFICATION["SC-1"].findings(subject, screening.FreshnessParams(), on=ON)
    assert [each.part for each in in_book] == [each.part for each in found]


def test_sc_1_a_hit_explains_itself():
    message = finding(screening.names, facts(HIT)).message
    for part in ("Seaglass Metals", "0.97", "SEAGLAS METALS", "seaglass ~ seaglas", "OFAC", "123", "SDGT"):
        assert part in message


@pytest.mark.parametrize(
    ("hit", "outcome"),
    [
        pytest.param(None, Outcome.MET, id="no-hit"),
        pytest.param(HIT, Outcome.REFER, id="open-alert-holds"),
        pytest.param(replace(HIT, disposition="true_match"), Outcome.NOT_MET, id="confirmed-sdn"),
        pytest.param(
            replace(HIT, disposition="true_match", source="csl", list_code="UVL"),
            Outcome.REFER,
            id="confirmed-on-another-list",
        ),
        pytest.param(replace(HIT, disposition="false_positive"), Outcome.MET, id="cleared"),
    ],
)
def test_sc_2_effect_of_the_lists(hit, outcome):
    found = finding(screening.list_effects, facts(*([hit] if hit else [])))
    assert (found.outcome, found.effect, found.audience) == (outcome, Effect.KNOCKOUT, Audience.CHAIR)


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        pytest.param(date(2026, 5, 5), Outcome.MET, id="7-days"),
        pytest.param(date(2026, 5, 4), Outcome.REFER, id="8-days"),
        pytest.param(date(2026, 4, 12), Outcome.REFER, id="30-days"),
        pytest.param(date(2026, 4, 11), Outcome.REFER, id="31-days-not-screened"),
        pytest.param(None, Outcome.REFER, id="no-list"),
        pytest.param(date(2026, 6, 1), Outcome.MET, id="newer-than-the-assessment"),
    ],
)
def test_sc_9_age_of_the_lists(as_of, outcome):
    found = finding(screening.freshness, facts(as_of=as_of))
    assert (found.outcome, found.audience) == (outcome, Audience.BUYER)


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (ON, "The oldest list (OFAC) is 0 days old."),
        (date(2026, 6, 1), "The oldest list (OFAC) is 0 days old."),
        (date(2026, 4, 12), "The oldest list (OFAC) is 30 days old."),
        (date(2026, 4, 11), "Not screened: the oldest list (OFAC) is 31 days old."),
    ],
)
def test_sc_9_says_how_old(as_of, said):
    assert finding(screening.freshness, facts(as_of=as_of)).message == said


def test_sc_9_goes_by_the_oldest_list():
    newer = ListFacts(source="sam", snapshot="2", as_of=ON)
    both = replace(facts(as_of=date(2026, 5, 4)), lists=(newer, *facts(as_of=date(2026, 5, 4)).lists))
    assert finding(screening.freshness, both).outcome == Outcome.REFER


def test_lists_of_30_days_are_still_relied_on():
    old = facts(as_of=date(2026, 4, 12))
    assert finding(screening.names, old).outcome == Outcome.MET
    assert finding(screening.list_effects, old).outcome == Outcome.MET


def test_a_confirmed_match_stands_however_old_the_list_is():
    old = facts(replace(HIT, disposition="true_match"), as_of=date(2025, 1, 1))
    assert finding(screening.list_effects, old).outcome == Outcome.NOT_MET


@pytest.mark.parametrize("rule", [screening.names, screening.list_effects], ids=["SC-1", "SC-2"])
@pytest.mark.parametrize("as_of", [None, date(2026, 4, 11)], ids=["no-list", "stale-list"])
def test_without_a_usable_list_nothing_is_met(rule, as_of):
    assert finding(rule, facts(as_of=as_of)).outcome == Outcome.REFER


def test_names_to_screen_are_the_company_its_owners_their_parents_officers_and_sites():
    supplier = SupplierFacts(
        legal_name="Seaglass Metals",
        native_name="Verre",
        dbas=("Seaglass",),
        former_names=("Old Glass",),
        owners=(
            OwnerFacts(name="Five", pct_equity=Decimal(5), parent="Above"),
            OwnerFacts(name="Less", pct_equity=Decimal("4.99")),
            OwnerFacts(name="Twice", pct_equity=Decimal(3)),
            OwnerFacts(name="Twice", pct_equity=Decimal(2)),
            OwnerFacts(name="Voter", pct_equity=Decimal(0), pct_votes=Decimal(5)),
            OwnerFacts(name="Licensor", pct_equity=Decimal(0), controls=True),
            OwnerFacts(name="Unknown"),
        ),
        officers=(OfficerFacts(name="Pat Doe"), OfficerFacts(name="Five"), OfficerFacts(name=" ")),
        sites=(SiteFacts(key="1", name="Main plant"),),
        banks=("Mill Savings",),
    )
    assert names_to_screen(supplier) == (
        ("legal_name", "Seaglass Metals"),
        ("native_name", "Verre"),
        ("dba", "Seaglass"),
        ("former_name", "Old Glass"),
        ("owner", "Five"),
        ("owner", "Twice"),
        ("owner", "Voter"),
        ("owner", "Licensor"),
        ("owner", "Unknown"),
        ("parent", "Above"),
        ("officer", "Pat Doe"),
        ("officer", "Five"),
        ("site", "Main plant"),
        ("bank", "Mill Savings"),
    )


def test_without_a_screened_name_nothing_is_met():
    empty = replace(facts(), screened=())
    assert finding(screening.names, empty).outcome == Outcome.REFER


def test_a_supplier_reads_the_same_with_and_without_a_hit():
    def read(given):
        subject = QualificationFacts(supplier=SupplierFacts(legal_name="Seaglass Metals"), screening=given)
        found = assess(QUALIFICATION.rules, subject, default_params(QUALIFICATION), on=ON)
        return [each for each in found if may_read(Audience.SUPPLIER, each.audience)]

    clean = read(facts())
    assert clean == read(facts(HIT))
    assert clean == read(facts(replace(HIT, disposition="true_match")))
    assert clean == read(ScreeningFacts())
    titles = [each.title for each in clean if each.rule.startswith("SC")]
    assert titles == ["Screening", "Owners disclosed", "Foreign entity of concern"]
