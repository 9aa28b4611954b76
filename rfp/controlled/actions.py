"""Certify a company, release a controlled document to it or refuse, revoke a release, and log who took the file."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.people.signing import same_name, wrong_name
from portal.record import audit
from rfp.controlled import letters, queries
from rfp.controlled.models import ControlledDownload, ExportCertification, ExportRuling
from rfp.publishing.models import SolicitationDocument
from rfp.publishing.queries import is_admitted
from suppliers.models import Supplier

RULED = "Another officer has already ruled on this certification."
Kind = ExportRuling.Kind


def certify(
    document: SolicitationDocument, supplier: Supplier, *, signed_name: str, by: User, at: datetime
) -> ExportCertification:
    """An owner signs that the company is a U.S. person; officers get a letter. Raises Refused."""
    rfp = document.solicitation
    if not document.export_control or not rfp.is_published or not is_admitted(rfp, supplier):
        raise Refused("This document needs no certification.")
    if rfp.final_status:
        raise Refused("This RFP has ended.")
    if not queries.signs_for(by).filter(pk=supplier.pk).exists():
        raise Refused("Only owners of a company can certify it.")
    if not same_name(signed_name, by.name):
        raise Refused(wrong_name(by.name))
    with transaction.atomic():
        # Two owners at once: the second finds what the first signed.
        Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        mine = (
            queries.with_state(document.export_certifications.filter(supplier=supplier)).order_by("id").last()
        )
        if mine is not None and mine.state == queries.WAITING:
            raise Refused("Your company has already certified. An officer will decide.")
        if mine is not None and mine.state == Kind.RELEASED:
            raise Refused("This document is already released to your company.")
        signed = ExportCertification.objects.create(
            document=document,
            supplier=supplier,
            statement=statement_for(supplier),
            signed_name=by.name,
            by=by,
            at=at,
        )
        letters.certified(signed, at=at)
        audit.record("export.certified", rfp, by=by, at=at, certification=signed.pk, document=document.pk)
        return signed


def statement_for(supplier: Supplier) -> str:
    """What the owner signs. "U.S. person" is defined in 22 CFR 120.62 (ITAR) and 15 CFR 772.1 (EAR)."""
    name = supplier.legal_name
    return (
        f"{name} is a U.S. person as defined in 22 CFR 120.62 and 15 CFR 772.1: it is organized under the laws of the "
        "United States or of one of its states, and does business here.\n\n"
        f"Everyone in {name} who opens this document is a U.S. citizen, a lawful permanent resident of the United "
        "States, or a protected individual under 8 U.S.C. 1324b(a)(3).\n\n"
        f"{name} will not show it to anyone else and will not send it out of the United States without the license or "
        "other approval that U.S. export law requires."
    )


def rule(
    certification: ExportCertification, *, release: bool, reason: str, by: User, at: datetime
) -> ExportRuling:
    """An officer releases the document to the company, or refuses with a reason. Raises Refused."""
    if not release and not reason.strip():
        raise Refused("Say why you don’t release the document.")
    return _ruling(certification, Kind.RELEASED if release else Kind.REFUSED, reason, by=by, at=at)


def revoke(certification: ExportCertification, *, reason: str, by: User, at: datetime) -> ExportRuling:
    """An officer takes a release back; nobody of the company gets the document from then on. Raises Refused."""
    if not reason.strip():
        raise Refused("Say why you revoke the release.")
    if not certification.rulings.filter(kind=Kind.RELEASED).exists():
        raise Refused("This document isn’t released to the company.")
    return _ruling(certification, Kind.REVOKED, reason, by=by, at=at)


def _ruling(
    certification: ExportCertification, kind: Kind, reason: str, *, by: User, at: datetime
) -> ExportRuling:
    """The database takes one first ruling and one revocation, whoever comes second."""
    if not by.is_officer:
        raise Refused("Only a compliance officer can do this.")
    with transaction.atomic():
        try:
            with transaction.atomic():
                ruling = ExportRuling.objects.create(
                    certification=certification, kind=kind, reason=reason.strip(), by=by, at=at
                )
        except IntegrityError:
            raise Refused(RULED) from None
        letters.ruled(ruling, at=at)
        document = certification.document
        audit.record(
            f"export.{kind.value}",
            document.solicitation,
            by=by,
            at=at,
            certification=certification.pk,
            document=document.pk,
        )
        return ruling


def log_download(
    document: SolicitationDocument, certification: ExportCertification | None, *, by: User, at: datetime
) -> None:
    """Before the file goes out: a download that can't be logged doesn't happen."""
    with transaction.atomic():
        ControlledDownload.objects.create(document=document, certification=certification, by=by, at=at)
        audit.record(
            "export.downloaded",
            document.solicitation,
            by=by,
            at=at,
            document=document.pk,
            certification=certification.pk if certification else None,
        )
