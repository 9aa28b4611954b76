"""An RFP chooses the sections of its proposals, and what it does with rules."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.kit.compliance import Effect, Envelope
from rfp.compliance import assessment
from rfp.compliance.models import Assessment
from rfp.models import Requirement, Revision, Solicitation
from rfp.proposals import actions, completeness, revision_facts
from rfp.publishing import publication
from rfp.rules import RULEBOOK
from rfp.rules.chosen import chosen
from rfp.sections import KEYS, OPTIONAL
from scoring.models import RankedProposal
from scoring.ranking import order
from scoring.reading.views import PARTS
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import errors_of, url

pytestmark = pytest.mark.django_db

FOREVER = ("RQ-1", "AT-2", "AT-4")


def gap_texts(solicitation: Solicitation) -> list[str]:
    return [gap.text for gap in publication.gaps(solicitation)]


# ---- sections -----------------------------------------------------------------------------------------------------


def test_every_section_is_asked_for_until_an_admin_leaves_it_out(client: Client, draft: Solicitation) -> None:
    page = client.get(url("sections", draft.pk)).content.decode()
    assert [f'value="{key}"' in page for key in KEYS] == [True] * len(KEYS)
    assert len(re.findall(r'name="asked"[^>]*checked', page)) == len(KEYS)
    sent = client.post(url("sections", draft.pk), {"asked": ["making", "price"]}, follow=True)
    assert "Sections saved." in sent.content.decode()
    draft.refresh_from_db()
    assert draft.sections_off == ["statements", "bom", "capacity", "jobs"]
    assert len(re.findall(r'name="asked"[^>]*checked', sent.content.decode())) == 2


def test_price_stays_while_it_is_scored(client: Client, draft: Solicitation) -> None:
    sent = client.post(url("sections", draft.pk), {"asked": [key for key in KEYS if key != "price"]})
    (error,) = errors_of(sent)["asked"]
    assert error.startswith("Price is scored")
    draft.refresh_from_db()
    assert draft.sections_off == []


@pytest.mark.parametrize("asked", [["cellar"], ["bom", "BOM"], ["bom\x00"]])
def test_only_sections_that_exist_are_asked_for(
    client: Client, draft: Solicitation, asked: list[str]
) -> None:
    assert "asked" in errors_of(client.post(url("sections", draft.pk), {"asked": asked}))
    draft.refresh_from_db()
    assert draft.sections_off == []


def test_what_counts_must_be_asked_for(draft: Solicitation) -> None:
    assert gap_texts(draft) == []
    draft.sections_off = ["bom", "capacity", "price"]
    draft.requirements.filter(code="R1").update(answered_by=Requirement.AnsweredBy.LEAD_TIME)
    assert gap_texts(draft) == [
        "Price is scored, but proposals have no prices. Ask for them, or score without.",
        "Criterion D is computed from what this RFP doesn’t ask for or check.",
        "Requirement R1 is answered in “Capacity and ramp”, which this RFP doesn’t ask for.",
    ]


# ---- rules --------------------------------------------------------------------------------------------------------


def set_rule(client: Client, draft: Solicitation, code: str, **sent: str) -> Any:
    form = client.get(url("rule", draft.pk, code)).context["form"]
    stored = {name: form[name].value() for name in form.fields}
    return client.post(url("rule", draft.pk, code), {**stored, **sent})


def test_a_rule_is_turned_off_with_a_reason(client: Client, draft: Solicitation) -> None:
    sent = set_rule(client, draft, "WS-2", use="off", use_reason=" ")
    assert errors_of(sent) == {"use_reason": ["Say why this RFP doesn’t use the rule as built"]}
    assert (
        set_rule(client, draft, "WS-2", use="off", use_reason="No jobs are asked for here.").status_code
        == 302
    )
    assert set_rule(client, draft, "FA-1", use="advisory", use_reason="Sites may move.").status_code == 302
    draft.refresh_from_db()
    assert draft.rule_uses == {
        "WS-2": {"use": "off", "reason": "No jobs are asked for here."},
        "FA-1": {"use": "advisory", "reason": "Sites may move."},
    }
    page = " ".join(client.get(url("rules", draft.pk)).content.decode().split())
    assert "<strong>Off.</strong> No jobs are asked for here." in page
    assert set_rule(client, draft, "WS-2", use="").status_code == 302
    draft.refresh_from_db()
    assert list(draft.rule_uses) == ["FA-1"]


@pytest.mark.parametrize("code", [rule.code for rule in RULEBOOK.rules if not rule.may_be_off])
def test_some_rules_always_apply(client: Client, draft: Solicitation, code: str) -> None:
    page = client.get(url("rule", draft.pk, code))
    if page.status_code == 200:
        assert "use" not in page.context["form"].fields
        set_rule(client, draft, code, use="off", use_reason="We like them.")
    draft.refresh_from_db()
    assert draft.rule_uses == {}
    # Not even what somebody wrote into the row.
    uses = {code: {"use": "off", "reason": ""}}
    assert code in [rule.code for rule in chosen(RULEBOOK.rules, [], uses)]


def test_sanctions_and_answers_always_apply() -> None:
    always = {rule.code for rule in RULEBOOK.rules if not rule.may_be_off}
    assert {*FOREVER, "SC-1"} <= always


def test_a_rule_is_off_with_its_section() -> None:
    codes = {rule.code for rule in chosen(RULEBOOK.rules, [each.key for each in OPTIONAL], {})}
    assert codes.isdisjoint({"FA-1", "FA-2", "FA-3", "FA-4", "FA-5", "DC-1", "DC-2", "DC-8", "WS-2"})
    assert {*FOREVER, "SC-5", "SC-6", "CE-1", "AT-3"} <= codes


def test_advice_excludes_nobody() -> None:
    """FA-1 without a site is referred; abroad it would be a knock-out."""
    (rule,) = [
        each for each in chosen(RULEBOOK.rules, [], {"FA-1": {"use": "advisory"}}) if each.code == "FA-1"
    ]
    proposal = make.make_draft()
    make.draft_of(proposal).proposal.supplier.sites.update(country="MX")
    revision = make.submit(proposal)
    made = assess(revision)
    assert {each.effect for each in made.findings.filter(rule="FA-1")} == {Effect.KNOCKOUT.value}
    solicitation = proposal.lot.solicitation
    solicitation.rule_uses = {"FA-1": {"use": "advisory", "reason": "Sites may move."}}
    solicitation.save()
    again = assess(revision)
    assert again.pk != made.pk
    assert {(each.outcome, each.effect) for each in again.findings.filter(rule="FA-1")} == {
        ("not_met", Effect.ADVISORY.value)
    }
    assert rule.automatic is None


def assess(revision: Revision) -> Assessment:
    return assessment.assess(revision_facts.revision_for_facts(revision.pk))


# ---- a request for services ----------------------------------------------------------------------------------------


@pytest.fixture
def services() -> Solicitation:
    """No site, parts, capacity, jobs, texts or prices: two questions and a document, marked by a panel."""
    found = make.make_solicitation(sections_off=list(KEYS), price_formula="none", delivery_years=[])
    found.criteria.exclude(code="T").delete()
    found.criteria.update(weight=100)
    return found


def test_a_draft_has_only_what_is_asked_for(services: Solicitation) -> None:
    proposal = make.make_draft(services, filled=False)
    person = make.owner_of(proposal.supplier)
    client = Client()
    client.force_login(person)
    draft = revision_facts.revision_for_facts(make.draft_of(proposal).pk)
    assert [(each.key, each.title) for each in completeness.sections_of(draft)] == [
        ("product", "Your offer"),
        ("answers", "Answers"),
        ("documents", "Documents"),
        ("attestation", "Attestation"),
    ]
    page = client.get(reverse("rfp:draft_section", args=[proposal.pk, "product"])).content.decode()
    assert "Name of your offer" in page
    assert "final_site" not in page
    assert "Manufacturing steps" not in page
    for key in ("bom", "capacity", "jobs", "price", "statements"):
        assert client.get(reverse("rfp:draft_section", args=[proposal.pk, key])).status_code == 404
    item = proposal.lot.items.get(code="L1-A")
    sent = {
        "title": "Search tool",
        "items": [str(item.pk)],
        "summary": "We host it.",
        **base_of(page),
    }
    client.post(reverse("rfp:draft_section", args=[proposal.pk, "product"]), sent)
    kept = make.draft_of(proposal)
    assert (kept.title, kept.summary, list(kept.items.all())) == ("Search tool", "We host it.", [item])


def test_the_delivery_plan_stays_while_something_is_priced(services: Solicitation) -> None:
    services.sections_off = ["making", "bom", "capacity", "jobs", "statements"]
    services.delivery_years = [2027]
    services.save()
    proposal = make.make_draft(services, filled=False)
    draft = make.draft_of(proposal)
    item = proposal.lot.items.get(code="L1-A")
    draft.items.set([item])
    client = Client()
    client.force_login(make.owner_of(proposal.supplier))
    at = reverse("rfp:draft_section", args=[proposal.pk, "capacity"])
    page = client.get(at).content.decode()
    assert "Delivery plan" in page
    assert "Ramp by quarter" not in page
    client.post(at, {f"units-{item.pk}-2027": "1200", "base": ""})
    client.post(at, {f"units-{item.pk}-2027": "1200", "lines": "4", **base_of(page)})
    assert [(line.year, line.units) for line in make.draft_of(proposal).delivery_lines.all()] == [
        (2027, 1200)
    ]
    assert not hasattr(make.draft_of(proposal), "capacity")


def base_of(page: str) -> dict[str, str]:
    found = re.search(r'name="base"\s+value="([^"]*)"', page)
    return {"base": found[1].replace("&quot;", '"')} if found else {}


def submitted(services: Solicitation) -> Any:
    proposal = make.make_draft(services, filled=False)
    draft = make.draft_of(proposal)
    draft.title, draft.summary = "Search tool", "We host it."
    draft.save()
    draft.items.set([proposal.lot.items.get(code="L1-A")])
    answers = {"R1": "1800", "R2": True, "R3": "listed"}
    for requirement in proposal.lot.requirements.all():
        draft.responses.create(requirement=requirement, value=answers[requirement.code])
    owner = make.owner_of(proposal.supplier)
    actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=make.NOW)
    make.submit(proposal)
    make.assess_and_score(proposal)
    return proposal


def test_a_proposal_without_the_optional_sections_goes_all_the_way(services: Solicitation) -> None:
    proposal = submitted(services)
    made = Assessment.objects.get(revision=proposal.current_revision_id)
    found = {each.rule for each in made.findings.all()}
    assert found.isdisjoint({"FA-1", "FA-2", "FA-3", "FA-4", "FA-5", "DC-1", "DC-2", "DC-8", "WS-2"})
    assert {
        each.outcome for each in made.findings.filter(rule__in=("SC-5", "RQ-1"), part__in=("parts", "R1"))
    } == {
        "met",
        "not_applicable",
    }
    owner = Client()
    owner.force_login(make.owner_of(proposal.supplier))
    assert owner.get(reverse("rfp:proposal_detail", args=[proposal.pk])).status_code == 200
    window = make.close(services.windows.get())
    chair, others = make.make_panel(services)
    for envelope in (Envelope.TECHNICAL, Envelope.PRICE):
        make.open_envelope(window, envelope, chair=chair, admin=services.created_by)
        make.mark_all(proposal, [chair, *others]) if envelope is Envelope.TECHNICAL else None
    order.rescore_window(window)
    order.rank_window(window)
    row = RankedProposal.objects.get(proposal=proposal)
    assert (row.standing, row.rank, row.score, row.price_total) == ("ranked", 1, Decimal(80), None)
    reader = Client()
    reader.force_login(chair.user)
    at = reverse("scoring:proposal_detail", args=[proposal.pk])
    for part in ("", *(f"?part={key}" for key, _words in PARTS)):
        assert reader.get(at + part).status_code == 200, part
    listed = reader.get(reverse("scoring:ranking", args=[services.number]))
    assert proposal.number in listed.content.decode()
    public = " ".join(
        Client().get(reverse("rfp:solicitation_detail", args=[services.number])).content.decode().split()
    )
    assert "What you offer, answers to the requirements, documents." in public


def test_the_public_page_says_what_to_send_and_which_rules_changed(services: Solicitation) -> None:
    services.sections_off = ["bom", "jobs"]
    services.rule_uses = {"CE-1": {"use": "off", "reason": "Certificates come later."}}
    services.save()
    page = Client().get(reverse("rfp:solicitation_detail", args=[services.number])).content.decode()
    sent = " ".join(page[page.index('id="sent"') :].split())
    assert "Capacity and ramp" in sent
    assert "Bill of materials</dt>" not in sent
    assert f"CE-1 {RULEBOOK['CE-1'].title}.</strong> Off. Certificates come later." in sent
    assert "DC-2 " not in sent
