"""A published RFP with a document under export control, and what companies and officers do about it."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.files.storing import check_file
from portal.models import Role, User
from rfp.controlled import actions
from rfp.controlled.models import ExportCertification, ExportRuling
from rfp.models import Solicitation, SolicitationDocument
from rfp.publishing import actions as publishing_actions
from suppliers.models import Membership, Supplier
from tests import factories as make
from tests.scoring.rooms import signed_in

CONTROL = "ITAR, USML Category XI(c)"
CONTENT = b"The layout of the antenna."


def document(
    rfp: Solicitation | None = None, *, export_control: str = CONTROL, **values: Any
) -> SolicitationDocument:
    rfp = rfp or make.make_solicitation()
    return publishing_actions.add_document(
        rfp,
        check_file(SimpleUploadedFile("layout.txt", CONTENT)),
        title="Layout",
        export_control=export_control,
        by=rfp.created_by,
        at=make.NOW,
        **values,
    )


def certified(row: SolicitationDocument, supplier: Supplier | None = None) -> ExportCertification:
    supplier = supplier or make.make_supplier()
    owner = make.owner_of(supplier)
    return actions.certify(row, supplier, signed_name=owner.name, by=owner, at=make.NOW)


def released(row: ExportCertification, *, by: User | None = None) -> ExportRuling:
    officer = by or make.make_user(Role.OFFICER)
    return actions.rule(row, release=True, reason="", by=officer, at=make.NOW)


def owner(supplier: Supplier) -> Client:
    return signed_in(make.owner_of(supplier))


def member(supplier: Supplier, level: Membership.Level) -> Client:
    person = make.make_user(Role.SUPPLIER)
    Membership.objects.create(supplier=supplier, user=person, level=level)
    return signed_in(person)


def file_of(row: SolicitationDocument) -> str:
    return reverse("rfp:solicitation_document", args=[row.solicitation.number, row.pk])


def page_of(row: SolicitationDocument) -> str:
    return reverse("rfp:export_document", args=[row.solicitation.number, row.pk])


def taken(client: Client, row: SolicitationDocument) -> bool:
    """Whether the file comes; otherwise the way to it does."""
    answer = client.get(file_of(row))
    if answer.status_code == 200:
        return b"".join(answer.streaming_content) == CONTENT  # type: ignore[attr-defined]
    assert answer.headers["location"] == page_of(row)
    return False
