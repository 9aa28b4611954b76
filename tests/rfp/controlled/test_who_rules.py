"""Who certifies a company, who rules, and that nothing of it changes afterwards."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Role
from rfp.controlled import actions
from rfp.controlled.models import ControlledDownload, ExportCertification, ExportRuling
from rfp.models import Solicitation, SolicitationDocument
from suppliers.models import Membership, Supplier
from tests import factories as make
from tests.rfp.controlled import made
from tests.rfp.controlled.made import member, owner, page_of, taken
from tests.rfp.publishing.setup.setup_pages import errors_of
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


def test_only_owners_certify_and_only_for_their_company(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    for level in (Membership.Level.EDITOR, Membership.Level.VIEWER):
        client = member(supplier, level)
        page = client.get(page_of(document)).content.decode()
        assert "Only owners can sign this" in page and make.owner_of(supplier).name in page
        client.post(page_of(document), {"supplier": supplier.pk, "signed_name": "Person"})
    other = make.make_supplier()
    sent = {"supplier": supplier.pk, "signed_name": make.owner_of(other).name}
    assert "supplier" in errors_of(owner(other).post(page_of(document), sent))
    assert not ExportCertification.objects.exists()
    with pytest.raises(Refused, match="Only owners"):
        actions.certify(document, supplier, signed_name="x", by=make.owner_of(other), at=make.NOW)


def test_another_name_signs_nothing(document: SolicitationDocument, supplier: Supplier) -> None:
    answer = owner(supplier).post(page_of(document), {"supplier": supplier.pk, "signed_name": "Somebody"})
    assert "signed_name" in errors_of(answer) and 'value="Somebody"' in answer.content.decode()
    assert not ExportCertification.objects.exists()


def test_a_company_certifies_once_at_a_time(document: SolicitationDocument, supplier: Supplier) -> None:
    row = made.certified(document, supplier)
    with pytest.raises(Refused, match="already certified"):
        made.certified(document, supplier)
    made.released(row)
    with pytest.raises(Refused, match="already released"):
        made.certified(document, supplier)
    assert ExportCertification.objects.count() == 1


def test_after_the_rfp_has_ended_nobody_certifies(document: SolicitationDocument, supplier: Supplier) -> None:
    Solicitation.objects.filter(pk=document.solicitation_id).update(final_status="cancelled")
    document.refresh_from_db()
    with pytest.raises(Refused, match="has ended"):
        made.certified(document, supplier)
    assert 'name="signed_name"' not in owner(supplier).get(page_of(document)).content.decode()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REVIEWER, Role.SUPPLIER])
def test_only_officers_rule(document: SolicitationDocument, supplier: Supplier, role: Role) -> None:
    row, person = made.certified(document, supplier), make.make_user(role)
    with pytest.raises(Refused, match="Only a compliance officer"):
        actions.rule(row, release=True, reason="", by=person, at=make.NOW)
    answer = signed_in(person).post(reverse("rfp:export_rule", args=[row.pk]), {"ruling": "release"})
    assert answer.status_code == 404
    assert not ExportRuling.objects.exists()


def test_the_second_officer_finds_that_the_first_has_ruled(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    row = made.certified(document, supplier)
    actions.rule(row, release=False, reason="Owned abroad.", by=make.make_user(Role.OFFICER), at=make.NOW)
    with pytest.raises(Refused, match="already ruled"):
        made.released(row)
    assert not taken(owner(supplier), document)
    with pytest.raises(Refused, match="isn’t released"):
        actions.revoke(row, reason="Sold.", by=make.make_user(Role.OFFICER), at=make.NOW)


def test_of_the_staff_only_who_handles_them_takes_them(document: SolicitationDocument) -> None:
    for role, gets in (
        (Role.ADMIN, True),
        (Role.OFFICER, True),
        (Role.AUDITOR, False),
        (Role.REVIEWER, False),
    ):
        client = signed_in(make.make_user(role))
        assert taken(client, document) is gets, role
        assert ("You can download it" in client.get(page_of(document)).content.decode()) is gets
    assert ControlledDownload.objects.filter(certification=None).count() == 2


def test_what_was_signed_and_ruled_never_changes(document: SolicitationDocument, supplier: Supplier) -> None:
    row = made.certified(document, supplier)
    made.released(row)
    actions.log_download(document, row, by=row.by, at=make.NOW)
    for model in (ExportCertification, ExportRuling, ControlledDownload):
        for change in (lambda rows: rows.update(at=make.NOW), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(model.objects.all())  # type: ignore[attr-defined,no-untyped-call]
