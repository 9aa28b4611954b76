"""Files released to reviewers who may not know the suppliers yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Attachment
from scoring.reading.models import FileRelease


def release_file(attachment: Attachment, *, by: User, at: datetime) -> FileRelease:
    """Let reviewers open a file although it may name its supplier. Raises Refused for all but admins."""
    solicitation = attachment.revision.proposal.lot.solicitation
    if not by.is_admin:
        raise Refused("Only an admin can release a file.")
    if not solicitation.names_hidden:
        raise Refused("This RFP doesn’t hide names. Reviewers can already open the file.")
    with transaction.atomic():
        released, is_new = FileRelease.objects.get_or_create(
            attachment=attachment, defaults={"by": by, "at": at}
        )
        if is_new:
            audit.record(
                "file.released",
                attachment.revision.proposal,
                by=by,
                at=at,
                document=str(attachment.document_id),
            )
        return released
