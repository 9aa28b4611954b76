"""Makers in a sealed bill of materials raise nothing that anybody could see; once it is opened, they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from portal.kit.compliance import Envelope
from portal.models import Notice, Role
from rfp import schedule as rfp_schedule
from rfp.compliance import assessment as rfp_assessment
from rfp.models import MakersScreened, Proposal
from rfp.proposals import revision_facts
from suppliers import lists
from suppliers.models import Alert, Hit, ScreeningRun, Supplier
from suppliers.qualification.blocks import BlockKind, live_blocks
from suppliers.screening import letters, list_actions, lookup, queries, rescreening
from tests import factories as make
from tests.conftest import as_owner
from tests.whole import world
from tests.whole.test_matrix import MATRIX, client_of
from tests.whole.test_seal import DICE, MOMENT, _content, _first_difference, _sequences, same_moment
from tests.whole.world import World

pytestmark = pytest.mark.django_db
assert same_moment  # every clock stands still, and random ids come out the same

LISTED, UNLISTED = "Zyxtrovic Armaments Trust", "Plainfield Valley Bearings Co"


def submitted(solicitation, *, maker: str, supplier: Supplier | None = None, window=None) -> Proposal:
    """A proposal whose first part is made by `maker`, received and assessed."""
    proposal = make.make_draft(solicitation, supplier)
    make.draft_of(proposal).bom_lines.filter(manufacturer="Cuyahoga Tube").update(manufacturer=maker)
    make.submit(proposal)
    make.assess_and_score(proposal)
    return Proposal.objects.get(pk=proposal.pk)


def opened(proposal: Proposal) -> Proposal:
    """The same, once two people have opened its window's technical envelope."""
    window = make.close(proposal.window)
    chair, _seats = make.make_panel(proposal.lot.solicitation)
    make.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=make.make_user(Role.ADMIN))
    return Proposal.objects.get(pk=proposal.pk)


def screen_makers(proposal: Proposal) -> bool:
    revision = revision_facts.revision_for_facts(proposal.current_revision_id)
    return rfp_assessment.screen_makers(revision)


def sealed_world(maker: str) -> World:
    """A world with a sealed proposal that names `maker`, after all that runs in the background."""
    made = world.build(with_reports=False)
    make.make_list(LISTED, "Listed Trading Trust", source="house")
    proposal = submitted(made.solicitation, maker=maker)
    assert proposal.window == made.open
    assert not screen_makers(proposal)
    for run in ScreeningRun.objects.filter(finished_at=None):
        rescreening.run(run.pk)
    # What comes after it would be numbered otherwise, had the sealed maker raised anything.
    make.screen(make.make_supplier(legal_name=LISTED))
    letters.daily(at=MOMENT)
    return made


def told(maker: str) -> dict[str, bytes]:
    """Everything of that world, which is then taken back, sequences too."""
    DICE.seed(7)
    with transaction.atomic():
        sequences = _sequences()
        make._number = iter(range(1, 10_000))  # type: ignore[assignment]
        seen = dict(_read(sealed_world(maker)))
        transaction.set_rollback(True)
    with as_owner() as cursor:
        for name, value, called in sequences:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, called])
    lookup.forget()
    return seen


def _read(made: World) -> Iterator[tuple[str, bytes]]:
    for who in ("officer", "admin", "auditor", "chair", "elsewhere"):
        client = client_of(made, who)
        for name, url in _addresses(made):
            yield f"{who} {name}", _content(client.get(url))
    operator = make.make_user(Role.ADMIN, is_staff=True, is_superuser=True)
    made.people["operator"] = operator
    client = client_of(made, "operator")
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        url = reverse(f"admin:{label}_changelist")
        yield url, _content(client.get(url))
    # A supplier's own receipts are about what it sent.
    for letter in Notice.objects.exclude(to__role=Role.SUPPLIER).exclude(to=None).order_by("id"):
        yield f"letter {letter.key}", f"{letter.to_id} {letter.subject} {letter.body}".encode()
    yield "rows", f"{_rows(Alert)} {_rows(Hit)}".encode()


def _rows(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


def _addresses(made: World) -> Iterator[tuple[str, str]]:
    for name, route in MATRIX.items():
        if route.method == "get" and name.startswith(("suppliers:", "portal:audit")):
            yield name, reverse(name, args=route.args(made)) + route.query
    alerts = reverse("suppliers:alert_list")
    for show in ("all", "waiting", "second", "past", "decided"):
        yield f"alerts {show}", f"{alerts}?show={show}"
        yield f"export {show}", f"{reverse('suppliers:alert_export', args=['csv'])}?show={show}"
    for words in (LISTED, UNLISTED):
        yield f"alerts of {words}", f"{alerts}?show=all&q={words}"
    for supplier in Supplier.objects.order_by("pk"):
        yield f"supplier {supplier.pk}", reverse("suppliers:supplier_detail", args=[supplier.pk])


def test_a_listed_maker_in_a_sealed_proposal_changes_not_one_byte() -> None:
    listed, unlisted = told(LISTED), told(UNLISTED)
    assert listed.keys() == unlisted.keys()
    assert len(listed) > 150
    differing = [name for name in listed if listed[name] != unlisted[name]]
    assert differing == [], _first_difference(listed, unlisted, differing)


def test_the_findings_of_a_sealed_proposal_know_its_listed_maker_all_the_same() -> None:
    make.make_list(LISTED)
    outcomes = {}
    for maker in (LISTED, UNLISTED):
        proposal = submitted(make.make_solicitation(), maker=maker)
        found = proposal.current_revision.assessments.latest().findings  # type: ignore[union-attr]
        outcomes[maker] = found.get(rule="SC-1", part="").outcome
    assert outcomes == {LISTED: "refer", UNLISTED: "met"}
    assert not Alert.objects.exists() and not Hit.objects.exists()


def test_the_alert_is_there_once_the_envelope_is_open(django_capture_on_commit_callbacks: Any) -> None:
    make.make_list(LISTED)
    proposal = submitted(make.make_solicitation(), maker=LISTED)
    with django_capture_on_commit_callbacks() as asked:
        proposal = opened(proposal)
    tasks = [send for send in asked if "enqueue_on_commit" in getattr(send, "__qualname__", "")]
    # One for the ranking, one for the makers of the proposal that was opened.
    assert len(tasks) == 2
    assert screen_makers(proposal) and screen_makers(proposal)
    alert = Alert.objects.get()
    assert (alert.name, alert.role, alert.proposals) == (LISTED, "manufacturer", [proposal.number])
    found = live_blocks([(proposal.number, proposal.supplier_id), ("P-0", proposal.supplier_id)])
    (block,) = found[proposal.number]
    assert block.kind is BlockKind.HOLD
    assert block.words == "On hold: 1 open screening alert (a part’s manufacturer)"
    # It is the proposal's matter, not the supplier's standing.
    assert found["P-0"] == []
    assert not queries.blocking_alerts().exists()


def test_officers_read_on_the_alert_which_proposal_it_is_about(client: Any) -> None:
    make.make_list(LISTED)
    proposal = opened(submitted(make.make_solicitation(), maker=LISTED))
    screen_makers(proposal)
    client.force_login(make.make_user(Role.OFFICER))
    for url in (
        reverse("suppliers:alert_list"),
        reverse("suppliers:alert_detail", args=[Alert.objects.get().pk]),
    ):
        assert proposal.number in client.get(url).content.decode()
    export = client.get(reverse("suppliers:alert_export", args=["csv"]))
    assert proposal.number in b"".join(export.streaming_content).decode()


def test_a_sweep_finds_an_opened_proposal_whose_message_was_lost(
    django_capture_on_commit_callbacks: Any,
) -> None:
    proposal = submitted(make.make_solicitation(), maker=UNLISTED)

    def swept() -> int:
        with django_capture_on_commit_callbacks() as asked:
            rfp_schedule.sweep_unassessed()
        return len(asked)

    assert swept() == 0
    proposal = opened(proposal)
    assert swept() == 1
    screen_makers(proposal)
    assert swept() == 0 and MakersScreened.objects.count() == 1


def test_a_maker_of_two_opened_proposals_is_one_alert_about_both() -> None:
    make.make_list(LISTED)
    supplier = make.make_supplier()
    numbers = []
    for _ in range(2):
        proposal = opened(submitted(make.make_solicitation(), maker=LISTED, supplier=supplier))
        screen_makers(proposal)
        numbers.append(proposal.number)
    assert Alert.objects.get().proposals == sorted(numbers)


def test_a_profile_is_screened_without_a_qualification_or_a_proposal() -> None:
    from suppliers.qualification import qualifying

    make.make_list(LISTED)
    supplier = make.make_supplier(legal_name=LISTED)
    qualifying.assess_supplier(supplier.pk)
    assert Alert.objects.get().supplier == supplier


@pytest.mark.parametrize("is_opened", [True, False])
def test_a_preview_of_a_list_counts_makers_of_opened_proposals_and_no_sealed_ones(is_opened: bool) -> None:
    make.make_list("Somebody Else Foundry", source="house")
    proposal = submitted(make.make_solicitation(), maker=LISTED)
    if is_opened:
        opened(proposal)
    data = f"record,name\n1,{LISTED}\n2,Somebody Else Foundry\n".encode()
    found = lists.read_files({"list.csv": data}, source="house")
    newer = list_actions.stage_list(found, as_of=make.NOW.date(), at=make.NOW, by=None)
    lines = make.preview(newer).previews.get().lines
    assert [(line.effect, line.name) for line in lines.all()] == ([("raises", LISTED)] if is_opened else [])
