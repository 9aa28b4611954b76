"""Letters about controlled documents: to officers when a company certified, to the company when they ruled."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from portal.letters import notices
from rfp.controlled.models import ExportCertification, ExportRuling
from suppliers.company.queries import officers

Kind = ExportRuling.Kind


def certified(certification: ExportCertification, *, at: datetime) -> None:
    document, rfp = certification.document, certification.document.solicitation
    notices.post(
        officers(),
        key=f"export-certified:{certification.pk}",
        subject=f"{certification.supplier.legal_name} asks for an export-controlled document of RFP {rfp.number}",
        body=(
            f"{certification.signed_name} certified for {certification.supplier.legal_name} that the company is a U.S. "
            f"person. It asks for “{document.title}” ({document.export_control}).\n\n"
            "Release the document to the company, or refuse with a reason.\n"
        ),
        link=reverse("rfp:export_certification", args=[certification.pk]),
        at=at,
    )


def ruled(ruling: ExportRuling, *, at: datetime) -> None:
    """To everyone in the company, who may take the document from now on, or no longer."""
    certification = ruling.certification
    document, rfp = certification.document, certification.document.solicitation
    title, company = f"“{document.title}”", certification.supplier.legal_name
    subject, said = {
        Kind.RELEASED: (
            f"You can download {title}",
            f"An officer released {title} to {company}, so everyone in the company can download it. It is "
            f"export-controlled ({document.export_control}): keep to what your company certified. Every download is "
            "logged.",
        ),
        Kind.REFUSED: (
            f"We did not release {title}",
            f"An officer did not release {title} to {company}, for this reason: {ruling.reason}\n\n"
            "If that has changed, an owner of your company can certify again.",
        ),
        Kind.REVOKED: (
            f"You can no longer download {title}",
            f"An officer revoked the release of {title} to {company}, for this reason: "
            f"{ruling.reason}\n\nDon’t use or share the copies you have, and ask the buyer what to do with them.",
        ),
    }[Kind(ruling.kind)]
    notices.post(
        certification.supplier.members.all(),
        key=f"export-ruled:{ruling.pk}",
        subject=f"RFP {rfp.number}: {subject}",
        body=f"{said}\n",
        link=reverse("rfp:export_document", args=[rfp.number, document.pk]),
        at=at,
    )
