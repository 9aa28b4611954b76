"""Identifiers that a supplier shares with a listed record, and what makes an alert urgent."""

from decimal import Decimal

import pytest

from suppliers.company import profiles
from suppliers.matching import party, priority
from suppliers.models import (
    Alert,
    Hit,
    ListedParty,
    Owner,
    Snapshot,
)
from suppliers.screening import lookup
from tests import factories as make
from tests.suppliers.screening.alerts.alert_acts import LISTED, TRUE, decide, facts_of

pytestmark = pytest.mark.django_db


def test_an_alert_has_the_time_of_its_last_change_and_of_no_look(supplier):
    def changed_at(*listed):
        if listed:
            make.make_list(*listed)
        (alert,) = make.screen(supplier)
        return alert.changed_at

    raised = changed_at(LISTED)
    assert changed_at() == raised
    assert changed_at(LISTED, "Somebody Else Foundry") == raised
    laid_by = changed_at("Somebody Else Foundry")
    assert laid_by > raised
    assert changed_at() == changed_at("Another Foundry", "Somebody Else Foundry") == laid_by
    assert changed_at(LISTED) > laid_by


def test_a_decision_is_not_of_a_record_that_came_to_share_an_identifier(supplier, officer):
    list_with(("UEI", "ZQGGHJH74DW7"), name=LISTED)
    (alert,) = make.screen(supplier)
    assert decide(alert, TRUE, officer).state == Alert.State.TRUE_MATCH
    supplier.uei = "ZQGGHJH74DW7"
    supplier.save()
    (shared,) = make.screen(supplier)
    # Once confirmed it stays confirmed; a false positive is looked at again.
    assert (shared.identifier, shared.state) == ("UEI ZQGGHJH74DW7", Alert.State.TRUE_MATCH)
    assert shared.changed_at > alert.changed_at
    Alert.objects.filter(pk=alert.pk).update(state=Alert.State.FALSE_POSITIVE, identifier="")
    assert make.screen(supplier)[0].state == Alert.State.OPEN


def list_with(*identifiers, name="Quite Another Name Sarl"):
    newer = Snapshot.objects.create(
        source="sam", loaded_at=make.NOW, as_of=make.NOW.date(), sha256="0", parties_count=1, is_active=True
    )
    ListedParty.objects.create(
        snapshot=newer,
        record_id="9",
        name=name,
        kind="entity",
        identifiers=[list(each) for each in identifiers],
        fingerprint="f",
    )


def test_a_shared_employer_number_is_a_hit_and_is_never_shown(supplier):
    supplier.ein = "12-3456789"
    supplier.save()
    list_with(("EIN", "12-3456789"))
    (hit,) = facts_of(supplier).hits
    assert (hit.identifier, hit.band) == ("EIN", "exact")
    alert = Alert.objects.get()
    assert "3456789" not in f"{alert.identifier}{alert.why}{alert.reasons}{alert.matched_name}"


def test_an_identifier_that_neither_side_tells_is_not_shared(supplier):
    list_with(("UEI", ""), ("LEI", ""), ("DUNS", ""), ("CAGE", ""), ("EIN", ""))
    assert (supplier.uei, supplier.duns, supplier.ein) == ("", "", "")
    assert facts_of(supplier).hits == ()


def test_a_name_in_two_roles_is_screened_under_the_first():
    supplier = make.make_supplier(legal_name=LISTED)
    Owner.objects.create(supplier=supplier, name=LISTED, kind="company", pct_equity=60)
    make.make_list(LISTED)
    assert [hit.role for hit in facts_of(supplier).hits] == ["legal_name"]


def test_screening_one_supplier_leaves_the_alerts_of_others_alone(supplier):
    make.make_list(LISTED, "Somebody Else Foundry")
    make.screen(supplier)
    other = make.make_supplier(legal_name="Somebody Else Foundry")
    make.screen(other)
    assert list(Alert.objects.order_by("id").values_list("supplier", "is_current")) == [
        (supplier.pk, True),
        (other.pk, True),
    ]


def test_an_alert_whose_record_is_only_distantly_alike_by_now_is_laid_by():
    supplier = make.make_supplier(legal_name="Zhonglark Ironvale Chemical Co")
    make.make_list("Zhonglark Ironvale Chemical Co")
    (alert,) = make.screen(supplier)
    listed = alert.party
    newer = Snapshot.objects.create(
        source=alert.source, loaded_at=make.NOW, as_of=make.NOW.date(), sha256="1", parties_count=1
    )
    ListedParty.objects.create(
        snapshot=newer,
        record_id=listed.record_id,
        name="Zhonglark Ironvale Pharmaceutical Co",
        kind="entity",
        fingerprint="other",
    )
    Snapshot.objects.filter(pk=listed.snapshot_id).update(is_active=False)
    Snapshot.objects.filter(pk=newer.pk).update(is_active=True)
    assert facts_of(supplier).hits == ()
    alert.refresh_from_db()
    assert (alert.is_current, Hit.objects.filter(band="logged").count()) == (False, 1)


@pytest.mark.parametrize(
    ("bearer", "listed", "expected", "words"),
    [
        ({}, {}, 91, ""),
        ({"country": "US"}, {"countries": ("US",)}, 111, "same country"),
        ({"country": "US"}, {"countries": ("IR", "US")}, 111, "same country"),
        ({"country": "US"}, {"countries": ("IR",)}, 81, "different country"),
        ({}, {"countries": ("IR",)}, 91, ""),
        ({"shares_identifier": True}, {}, 191, "shared identifier"),
        ({"kind": "individual"}, {"kind": "individual"}, 96, "same kind"),
        ({"kind": "individual"}, {"kind": "entity"}, 81, "different kind"),
        ({"cities": ("Valletta",)}, {"addresses": ("1 Quay Road, VALLETTA, Malta",)}, 106, "same city"),
        ({"cities": ("Lett",)}, {"addresses": ("1 Quay Road, VALLETTA, Malta",)}, 91, ""),
        # A name of three letters is a word of any address; what cannot be read is no city.
        ({"cities": ("Ulm",)}, {"addresses": ("1 Quay Road, Ulm",)}, 91, ""),
        ({"cities": ("Lyon",)}, {"addresses": ("1 Quay Road, Lyon",)}, 106, "same city"),
        ({"cities": ("????",)}, {"addresses": ("…", "1 Quay Road")}, 91, ""),
        # What one side does not tell neither agrees nor differs.
        ({"kind": "entity"}, {}, 91, ""),
        ({}, {"kind": "entity"}, 91, ""),
        ({"country": "US"}, {}, 91, ""),
        # Paris in Texas is not Paris in France.
        (
            {"cities": ("Paris",), "country": "US"},
            {"addresses": ("Rue 1, Paris",), "countries": ("FR",)},
            81,
            "different country",
        ),
    ],
)
def test_priority_and_its_reasons(bearer, listed, expected, words):
    record = party.ListedParty(record_id="1", name="Any", **{"kind": "", **listed})
    found = priority.reasons(priority.Bearer(**bearer), record)
    assert priority.priority(Decimal("0.9123"), found) == expected
    assert ", ".join(each.words for each in found) == words


@pytest.mark.parametrize(
    ("role", "name", "expected"),
    [
        ("legal_name", "Hock Works", ("entity", "US", ("Lancaster",))),
        ("officer", "Sam Chief", ("individual", "", ())),
        ("owner", "Pat Founder", ("individual", "CA", ())),
        ("owner", "Ridge Fund", ("entity", "MX", ())),
        ("owner", "Somebody who left", ("", "", ())),
        ("site", "Main plant", ("entity", "US", ("Lancaster",))),
        ("manufacturer", "Cold Plates", ("entity", "", ())),
        ("bank", "Mill Savings", ("entity", "", ())),
    ],
)
def test_who_bears_a_name_is_read_from_the_profile(role, name, expected):
    supplier = make.make_supplier(legal_name="Hock Works")
    Owner.objects.create(supplier=supplier, name="Pat Founder", kind="person", country="CA", pct_equity=60)
    Owner.objects.create(supplier=supplier, name="Ridge Fund", kind="fund", country="MX", pct_equity=40)
    bearer = lookup.bearer_of(profiles.supplier_facts(supplier), role, name, shared=False)
    assert (bearer.kind, bearer.country, bearer.cities) == expected
