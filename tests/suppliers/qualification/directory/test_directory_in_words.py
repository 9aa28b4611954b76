"""The supplier list sorted and counted, and a supplier's page in words."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.kit.compliance import Outcome
from portal.kit.formats import day
from portal.kit.refused import Refused
from portal.models import Role
from suppliers.models import Qualification, Waiver
from suppliers.qualification import actions as qualification_actions
from tests import factories as make
from tests.suppliers.qualification.directory.pages import (
    LIST,
    TODAY,
    given,
    held,
    made,
    named,
    queries_of,
)
from tests.suppliers.qualification.standing_acts import pending

pytestmark = pytest.mark.django_db


def test_suppliers_are_sorted_by_name_and_by_what_ends_first(client, desk_officer):
    held("Held Works"), given("Long Works", 300), given("Short Works", 20), made("Bare Works")
    assert named(client, "?sort=until")[:2] == ["Short Works", "Long Works"]
    assert named(client, "?sort=-until")[:2] == ["Long Works", "Short Works"]
    assert named(client, "?sort=-name")[0] == "Short Works"
    assert named(client, "?sort=nonsense")[0] == "Bare Works"
    text = b"".join(client.get("/suppliers/export.csv?sort=until").streaming_content).decode()
    assert text.index("Short Works") < text.index("Long Works") < text.index("Bare Works")


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.OFFICER, True), (Role.ADMIN, True), (Role.AUDITOR, True), (Role.REVIEWER, False)],
)
def test_what_waits_is_counted_for_those_who_may_know_of_it(client, role, sees):
    held("Held Works")
    client.force_login(make.make_user(role))
    assert ("is on hold" in client.get(LIST).content.decode()) is sees


def test_the_day_of_a_qualification_on_hold_is_nobodys_to_count_on(client):
    row = held("Held Works")
    until = day(TODAY + timedelta(days=300))
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    for role in (Role.REVIEWER, Role.OFFICER, Role.ADMIN):
        client.force_login(make.make_user(role))
        page = client.get(url)
        (line,) = page.context["lines"]
        assert not line.holds
        assert until not in page.content.decode()
        assert "Not now" in page.content.decode()
    qualified = given("Good Works", 300)
    text = client.get(reverse("suppliers:supplier_detail", args=[qualified.supplier_id])).content.decode()
    assert "Yes, until" in text and "For racks, Midwest." in text


def test_the_page_says_why_not_and_names_the_next_step(client, desk_officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    text = client.get(url).content.decode()
    assert "Submitted by the supplier." in text and "Decide the approval" in text
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="", by=desk_officer, at=make.NOW
    )
    qualification_actions.act_on_standing(
        row, "suspend", reason="Late by a month.", told="Late.", by=desk_officer, at=make.NOW
    )
    assert "Late by a month." in client.get(url).content.decode()
    client.force_login(make.make_user(Role.REVIEWER))
    text = client.get(url).content.decode()
    assert "Late by a month." not in text and "Late." in text and "Decide the approval" not in text


def test_counts_are_of_what_nobody_has_spoken_about(client, desk_officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    found = row.latest.findings.filter(outcome__in=("not_met", "refer"))
    adverse = [each for each in found if not each.rule.startswith("SC")]
    assert adverse
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])

    def count():
        (line,) = client.get(url).context["lines"]
        return line.not_met + line.referred

    before = count()
    qualification_actions.override_finding(
        adverse[0], outcome=Outcome.MET, reason="Seen by me.", by=desk_officer, at=make.NOW
    )
    assert count() == before - 1
    if len(adverse) > 1:
        Waiver.objects.create(rule=adverse[1].rule, reason="x", until=TODAY, by=desk_officer, at=make.NOW)
        assert count() < before - 1
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="", by=desk_officer, at=make.NOW
    )
    # A later run that finds the same leaves it known, whether or not it was stored anew.
    assert count() == 0


def test_a_word_on_a_finding_that_is_no_longer_found_is_refused(client, desk_officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    old = row.latest.findings.filter(outcome__in=("not_met", "refer")).exclude(rule__startswith="SC").first()
    newer = row.latest
    newer.pk, newer.input_hash = None, "another"
    newer.save()
    Qualification.objects.filter(pk=row.pk).update(latest=newer)
    with pytest.raises(Refused, match="findings have changed"):
        qualification_actions.override_finding(
            old, outcome=Outcome.MET, reason="Seen by me.", by=desk_officer, at=make.NOW
        )


def test_a_screening_finding_leads_to_its_alerts_and_not_to_a_form(client, desk_officer):
    make.make_list("Held Works Inc")
    row = make.make_standing(made("Held Works Inc"))
    finding = row.latest.findings.get(rule="SC-1", outcome="refer")
    url = reverse("suppliers:standing_finding", args=[finding.pk])
    page = client.get(url)
    assert page.context["form"] is None and "screening alert by alert" in page.content.decode()
    assert client.post(url, {"outcome": "met", "reason": "I would rather not."}).status_code == 404
    standing = client.get(reverse("suppliers:standing_detail", args=[row.pk]))
    assert finding.pk not in [each.pk for each in standing.context["to_decide"]]


def test_a_supplier_page_takes_the_same_queries_for_one_standing_and_for_three(client, desk_officer):
    row = pending()
    url = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    client.get(url)
    one = queries_of(client, url)
    for code in ("power", "cooling"):
        make.make_standing(row.supplier, commodity=make.make_commodity(code))
    assert queries_of(client, url) == one
