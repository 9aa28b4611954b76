"""What people do with a bill of materials before it is in a draft: send it, decide how to read it, use it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from portal.files.storing import CheckedFile, store
from portal.kit.refused import Refused
from portal.models import Document, User
from rfp.bom import questions
from rfp.bom import reading as bom_reading
from rfp.bom.layout import columns as layout_columns
from rfp.bom.sheet.apart import unpacked_apart
from rfp.drafting.models import BomHeadings, BomUpload
from rfp.proposals import actions as proposals_actions
from rfp.proposals.models import Proposal, Revision
from suppliers.models import Supplier

KEPT = timedelta(days=1)
# More waiting files than this of one proposal are somebody trying things out; the oldest go.
MOST_WAITING = 5


def keep(proposal: Proposal, checked: CheckedFile, *, by: User, at: datetime) -> BomUpload:
    """Keep a file until its sender has checked how it is read. Raises actions.Refused, NotATable."""
    columns = remembered(proposal.supplier, checked.data)
    with transaction.atomic():
        proposals_actions.open_draft(proposal, by=by)
        choices = {"columns": columns, "remembered": True} if columns else {}
        upload = BomUpload.objects.create(
            proposal=proposal, document=store(checked, by=by, at=at), sent_by=by, sent_at=at, choices=choices
        )
        _remove(list(proposal.bom_uploads.filter(sent_by=by)[MOST_WAITING:]))
        return upload


def decide(upload: BomUpload, choices: questions.Choices) -> None:
    """Note how the file is to be read."""
    upload.choices = {
        "header_row": choices.header_row,
        "columns": {str(place): meaning for place, meaning in choices.columns.items()},
        "answers": dict(choices.answers),
        "remembered": upload.choices.get("remembered", False),
    }
    upload.save(update_fields=["choices"])


def choices_of(upload: BomUpload) -> questions.Choices:
    """How the file is to be read, as far as somebody decided it."""
    stored = upload.choices
    return questions.Choices(
        header_row=stored.get("header_row"),
        columns={int(place): meaning for place, meaning in stored.get("columns", {}).items()},
        answers=stored.get("answers", {}),
    )


def read(upload: BomUpload) -> bom_reading.BomReading:
    """The file as it would count now. Raises NotATable."""
    with upload.document.file.open("rb") as file:
        return bom_reading.read_bom(file.read(), choices=choices_of(upload), open_workbook=unpacked_apart)


def use(upload: BomUpload, reading: bom_reading.BomReading, *, by: User, at: datetime) -> Revision:
    """Put the lines in place of the draft's, and remember the columns. Raises actions.Refused."""
    if reading.is_broken or not reading.lines:
        raise Refused("We can’t use this file as is. Fix it and upload it again.")
    with transaction.atomic():
        draft = proposals_actions.replace_bom(
            upload.proposal, reading.facts, name=upload.document.name, by=by, at=at
        )
        chosen = choices_of(upload).columns
        if chosen and any(heading.strip() for heading in reading.columns.headings):
            BomHeadings.objects.update_or_create(
                supplier=upload.proposal.supplier,
                headings=fingerprint(reading.columns.headings),
                defaults={"columns": upload.choices["columns"], "used_at": at},
            )
        return draft


def remembered(supplier: Supplier, data: bytes) -> dict[str, Any]:
    """What the columns meant in the supplier's last file with these headings, or nothing. Raises NotATable."""
    if not supplier.bom_headings.exists():
        return {}
    found = supplier.bom_headings.filter(
        headings=fingerprint(bom_reading.headings_in(data, open_workbook=unpacked_apart))
    ).first()
    return found.columns if found else {}


def fingerprint(headings: Sequence[str]) -> str:
    """SHA-256 of headings without case, accents, and punctuation."""
    return hashlib.sha256(layout_columns.headings_key(headings).encode()).hexdigest()


def remove_old(*, at: datetime) -> int:
    """Remove files that nobody used within a day, and those that were used then."""
    old = list(BomUpload.objects.filter(sent_at__lt=at - KEPT).select_related("document")[:500])
    _remove(old)
    return len(old)


def _remove(uploads: Sequence[BomUpload]) -> None:
    with transaction.atomic():
        documents = Document.objects.filter(pk__in=[upload.document_id for upload in uploads])
        for document in documents:
            transaction.on_commit(partial(document.file.storage.delete, str(document.file.name)))
        documents.delete()
