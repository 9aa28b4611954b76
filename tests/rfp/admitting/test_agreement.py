"""Documents behind the agreement: who signs it, for whom, under which words, and what the others read."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.models import Role
from rfp.admitting import actions, queries
from rfp.models import NdaAcceptance, Solicitation
from suppliers.models import Membership, Supplier
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import errors_of
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


def client_of(supplier: Supplier) -> Client:
    return signed_in(make.owner_of(supplier))


def test_a_viewer_reads_the_agreement_and_who_can_sign(rfp: Solicitation, guest: Supplier) -> None:
    viewer = make.make_user(Role.SUPPLIER)
    Membership.objects.create(supplier=guest, user=viewer, level=Membership.Level.VIEWER)
    client, nda = signed_in(viewer), reverse("rfp:nda", args=[rfp.number])
    page = client.get(document(rfp, needs_nda=True), follow=True)
    assert page.redirect_chain[-1][0] == nda
    said = page.content.decode()
    assert "Keep this to yourself." in said
    assert "Only owners and editors can sign" in said
    assert make.owner_of(guest).name in said
    assert 'name="signed_name"' not in said
    sent = {"supplier": guest.pk, "signed_name": viewer.name, "sha256": queries.nda_sha256(rfp)}
    assert client.post(nda, sent).status_code == 200
    assert not NdaAcceptance.objects.exists()


def test_who_has_no_company_yet_reads_what_comes_first() -> None:
    public = make.make_solicitation(nda="Keep this to yourself.")
    nda = reverse("rfp:nda", args=[public.number])
    said = signed_in(make.make_user(Role.SUPPLIER)).get(nda).content.decode()
    assert "Register your company first" in said
    assert "You work for the buyer" in signed_in(make.make_user(Role.OFFICER)).get(nda).content.decode()


def test_an_rfp_without_an_agreement_has_no_such_page() -> None:
    public = make.make_solicitation(nda=" ")
    nda = reverse("rfp:nda", args=[public.number])
    assert signed_in(make.make_user(Role.OFFICER)).get(nda).status_code == 404


def document(rfp: Solicitation, *, needs_nda: bool) -> str:
    from rfp.publishing import actions as publishing_actions
    from tests.whole.world import _file

    row = publishing_actions.add_document(
        rfp, _file("drawing.txt"), title="Drawing", needs_nda=needs_nda, by=rfp.created_by, at=make.NOW
    )
    return reverse("rfp:solicitation_document", args=[rfp.number, row.pk])


def test_a_document_waits_for_the_agreement(rfp: Solicitation, guest: Supplier) -> None:
    client = client_of(guest)
    free, kept = document(rfp, needs_nda=False), document(rfp, needs_nda=True)
    nda = reverse("rfp:nda", args=[rfp.number])
    assert client.get(free).status_code == 200
    assert client.get(kept).headers["location"] == nda
    page = client.get(nda)
    assert "Keep this to yourself." in page.content.decode()
    sent = {"supplier": guest.pk, "sha256": page.context["form"]["sha256"].value()}
    wrong = client.post(nda, {**sent, "signed_name": "Somebody Else"})
    assert "signed_name" in errors_of(wrong) and "Somebody Else" in wrong.content.decode()
    rfp.nda = "Keep this to yourself, and to your dog."
    rfp.save()
    changed = client.post(nda, {**sent, "signed_name": make.owner_of(guest).name})
    assert errors_of(changed)["signed_name"] == ["The agreement has changed. Read it again before you sign."]
    sent["sha256"] = queries.nda_sha256(rfp)
    client.post(nda, {**sent, "signed_name": make.owner_of(guest).name})
    assert client.get(kept).status_code == 200
    assert "Signed by you for Guest Works Inc." in client.get(nda).content.decode()
    rfp_page = reverse("rfp:solicitation_detail", args=[rfp.number])
    assert "You signed the agreement" in client.get(rfp_page).content.decode()
    (signed,) = NdaAcceptance.objects.all()
    assert (signed.supplier, signed.user, signed.at is not None) == (guest, make.owner_of(guest), True)
    rfp.nda = "Other words."
    rfp.save()
    assert client.get(kept).headers["location"] == nda, "who signed other words signs again"
    assert 'name="signed_name"' in client.get(nda).content.decode()
    assert "Sign the agreement first" in client.get(rfp_page).content.decode()


def test_a_colleague_signs_too(rfp: Solicitation, guest: Supplier) -> None:
    kept = document(rfp, needs_nda=True)
    actions.sign_nda(
        rfp,
        guest,
        signed_name=make.owner_of(guest).name,
        sha256=queries.nda_sha256(rfp),
        by=make.owner_of(guest),
        at=make.NOW,
    )
    colleague = make.make_user(Role.SUPPLIER)
    Membership.objects.create(supplier=guest, user=colleague, level=Membership.Level.EDITOR)
    assert signed_in(colleague).get(kept).status_code == 302
    assert client_of(guest).get(kept).status_code == 200
    assert signed_in(rfp.created_by).get(kept).status_code == 200


def test_without_an_account_the_agreement_asks_to_sign_in() -> None:
    public = make.make_solicitation(nda="Keep this to yourself.")
    kept = document(public, needs_nda=True)
    found = Client().get(kept, follow=True)
    assert found.redirect_chain[-1][0].startswith("/accounts/") or "login" in found.redirect_chain[-1][0]
