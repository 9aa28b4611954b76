"""What suppliers do with a proposal: each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.files.storing import CheckedFile, store
from portal.kit import clock
from portal.kit.codec import dump
from portal.kit.formats import when
from portal.kit.refused import Refused
from portal.letters import notices
from portal.models import User
from portal.record import audit
from rfp import numbers
from rfp.facts import BomLineFacts
from rfp.proposals import completeness, manifest, revision_facts
from rfp.proposals import queries as proposals_queries
from rfp.proposals.line_models import BomLine
from rfp.proposals.models import Attachment, Proposal, Revision
from rfp.publishing import queries as publishing_queries
from rfp.publishing.models import Lot, Solicitation, Window
from rfp.publishing.question_models import Requirement
from rfp.signals import bom_replaced, revision_received
from suppliers.company import profiles
from suppliers.company import queries as supplier_queries
from suppliers.models import Supplier

# Rows are locked with `no_key`: a foreign key's own check must not wait for them, or two locks could cross.


class TooLate(Refused):
    """The window is closed."""


class AlreadySubmitted(Refused):
    """There is no draft: it was submitted before."""


class Changed(Refused):
    """An addendum was published since the supplier saw what to sign."""

    def __init__(self) -> None:
        super().__init__(
            "An addendum changed this RFP while you were signing. Nothing was signed. Read what changed, then sign."
        )


class Incomplete(Refused):
    """Parts of the draft are missing; `gaps` holds (section, gap) pairs."""

    def __init__(self, gaps: Sequence[tuple[completeness.Section, completeness.Gap]]) -> None:
        super().__init__("The proposal is not complete yet.")
        self.gaps = gaps


# ---- suppliers ----------------------------------------------------------------------------------------------------


def start_proposal(lot: Lot, *, supplier: Supplier, by: User, at: datetime | None = None) -> Proposal:
    """A new proposal with an empty draft. Raises TooLate when no window is open."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        _must_be_able_to_change(supplier, by)
        if not publishing_queries.is_admitted(lot.solicitation, supplier):
            raise Refused("Your company is not invited to this RFP.")
        if not _takes_proposals(lot) or publishing_queries.open_window(lot.solicitation, now=now) is None:
            raise TooLate("This RFP is not accepting proposals now.")
        Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        drafts = supplier.proposals.filter(current_revision=None, lot__solicitation=lot.solicitation)
        if drafts.count() >= settings.COMPANY_DRAFTS:
            raise Refused(
                f"Your company has {settings.COMPANY_DRAFTS} drafts for this RFP, which is the limit. Open one of them."
            )
        proposal = _new_proposal(supplier, lot, by=by)
        draft = Revision.objects.create(
            proposal=proposal, number=1, saved_at=now, rfp_version=lot.solicitation.version
        )
        items = list(lot.items.all())
        if len(items) == 1:
            draft.items.set(items)
        audit.record("proposal.started", proposal, by=by, at=now, lot=lot.code)
        return proposal


def _new_proposal(supplier: Supplier, lot: Lot, *, by: User) -> Proposal:
    """A proposal under a number that nobody else has."""
    while True:
        proposal = Proposal(supplier=supplier, lot=lot, created_by=by)
        proposal.number = numbers.number_of(proposal.pk)
        try:
            with transaction.atomic():
                proposal.save(force_insert=True)
        except IntegrityError:
            # Taken, once in some ten million: the next id gives another number.
            if not Proposal.objects.filter(number=proposal.number).exists():
                raise
        else:
            return proposal


def open_draft(proposal: Proposal, *, by: User, at: datetime | None = None) -> Revision:
    """The draft, locked for the caller's transaction so that no save slips past a submission. Raises Refused."""
    _must_be_able_to_change(proposal.supplier, by)
    draft = _locked_draft(proposal)
    if draft is None:
        raise AlreadySubmitted("This proposal has been submitted. Revise it to make changes.")
    return draft


def locked_proposal(proposal: Proposal) -> Proposal:
    """The proposal as it is now, locked, with its supplier."""
    rows = Proposal.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("supplier").get(pk=proposal.pk)


def _locked_draft(proposal: Proposal) -> Revision | None:
    """The draft, locked, if there is one."""
    rows = Revision.objects.select_for_update(no_key=True)
    return rows.filter(proposal=proposal, received_at__isnull=True, counts_from__isnull=True).first()


def touch(draft: Revision, *, at: datetime) -> None:
    """Note when the draft was saved. A changed draft must be signed again."""
    draft.saved_at = at
    draft.attested_at = None
    draft.save(update_fields=["saved_at", "attested_at"])


def replace_bom(
    proposal: Proposal, lines: Iterable[BomLineFacts], *, name: str, by: User, at: datetime
) -> Revision:
    """Put these lines in place of the draft's bill of materials."""
    with transaction.atomic():
        draft = open_draft(proposal, by=by)
        draft.bom_lines.all().delete()
        rows = [_bom_row(draft, position, line) for position, line in enumerate(lines, start=1)]
        BomLine.objects.bulk_create(rows, batch_size=2000)
        draft.bom_name = name[:255]
        draft.save(update_fields=["bom_name"])
        touch(draft, at=at)
        bom_replaced.send(sender=Revision, revision_id=draft.pk, lines=len(rows))
        return draft


def _bom_row(draft: Revision, position: int, line: BomLineFacts) -> BomLine:
    values: dict[str, Any] = {name: getattr(line, name) for name in BomLineFacts.__dataclass_fields__}
    return BomLine(revision=draft, position=position, **values)


def attach(
    proposal: Proposal,
    checked: CheckedFile,
    *,
    requirement: Requirement | None,
    title: str,
    by: User,
    at: datetime,
) -> Attachment:
    """Add a checked file to the draft."""
    with transaction.atomic():
        draft = open_draft(proposal, by=by)
        attachment = Attachment.objects.create(
            revision=draft,
            requirement=requirement,
            document=store(checked, by=by, at=at),
            title=title or checked.name,
        )
        touch(draft, at=at)
        return attachment


def detach(attachment: Attachment, *, by: User, at: datetime) -> None:
    """Take a file out of the draft; what was received before keeps it."""
    with transaction.atomic():
        draft = open_draft(attachment.revision.proposal, by=by)
        Attachment.objects.filter(pk=attachment.pk, revision=draft).delete()
        touch(draft, at=at)


def attest(
    proposal: Proposal, *, name: str, title: str, by: User, at: datetime, shown: int | None = None
) -> Revision:
    """An owner of the supplier signs for the draft as it is. `shown`: the version of the RFP that the page was made
    for. Raises Refused: Changed where there is a newer one."""
    with transaction.atomic():
        draft = open_draft(proposal, by=by)
        _must_be_current(proposal, shown)
        must_be_able_to_attest(proposal.supplier, by)
        draft.signer_name, draft.signer_title, draft.attested_at = name, title, at
        draft.save(update_fields=["signer_name", "signer_title", "attested_at"])
        audit.record("proposal.attested", proposal, by=by, at=at, revision=draft.number)
        return draft


def _must_be_current(proposal: Proposal, shown: int | None) -> None:
    """Raises Changed. Asked with the draft or the window locked, so that an addendum comes before or after."""
    if shown is not None:
        rfps = Solicitation.objects.filter(lots=proposal.lot_id, version=shown)
        if not rfps.exists():
            raise Changed


def submit_proposal(
    proposal: Proposal, *, by: User, at: datetime | None = None, shown: int | None = None
) -> Revision:
    """Freeze the draft and hand it in. In time means that this transaction began before the window closed.

    `at` is for past submissions of sample data; no route passes it. `shown`: the version of the RFP that the page was
    made for. Raises Refused: TooLate, AlreadySubmitted, Changed or Incomplete.
    """
    with transaction.atomic():
        received_at = at or clock.transaction_start()
        window = _window_taking(proposal, received_at)
        _must_be_current(proposal, shown)
        locked = locked_proposal(proposal)
        must_be_able_to_attest(locked.supplier, by)
        if locked.window_id is not None and locked.window_id != window.pk:
            raise TooLate("The window for this proposal has closed.")
        draft = _locked_draft(locked)
        if draft is None:
            raise AlreadySubmitted("This proposal has already been submitted.")
        revision = revision_facts.revision_for_facts(draft.pk)
        if gaps := completeness.blocking_gaps(completeness.sections_of(revision)):
            raise Incomplete(gaps)
        _freeze(revision, window, received_at=received_at, by=by)
        locked.window, locked.current_revision, locked.withdrawn_at = window, revision, None
        locked.reviewers = 0
        locked.save(update_fields=["window", "current_revision", "withdrawn_at", "reviewers"])
        _confirm_receipt(revision, window, at=received_at)
        revision_received.send(sender=Revision, revision_id=revision.pk)
        audit.record(
            "proposal.submitted",
            locked,
            by=by,
            at=received_at,
            revision=revision.number,
            window=window.number,
            content=revision.content_sha256,
        )
        return revision


def revise_proposal(proposal: Proposal, *, by: User, at: datetime | None = None) -> Revision:
    """A new draft with the content of the submitted revision, which stays submitted until the draft is. Or the draft
    that is there already. Raises TooLate."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        _window_taking(proposal, now)
        locked = locked_proposal(proposal)
        _must_be_able_to_change(locked.supplier, by)
        if draft := proposals_queries.draft_of(locked):
            return draft
        last = locked.revisions.order_by("-number").first()
        if last is None:
            raise Refused("There is nothing to revise.")
        draft = Revision.objects.create(
            proposal=locked, number=last.number + 1, saved_at=now, rfp_version=last.rfp_version
        )
        manifest.copy_content(last, draft)
        manifest.carry_over(Revision.objects.filter(pk=draft.pk))
        audit.record("proposal.revising", locked, by=by, at=now, revision=draft.number)
        return draft


def withdraw_proposal(proposal: Proposal, *, by: User, at: datetime | None = None) -> None:
    """Take a submitted proposal back; until its window closes it can be submitted again. Raises TooLate, Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        _window_taking(proposal, now)
        locked = locked_proposal(proposal)
        must_be_able_to_attest(locked.supplier, by)
        if not locked.is_submitted:
            raise Refused("You can only withdraw a submitted proposal.")
        received = locked.current_revision.received_at if locked.current_revision else None
        if received is not None and received > now:
            # Two people at once: the one who withdrew had not seen this revision.
            raise Refused(
                "Someone submitted a new revision in the meantime. Read it, then withdraw it if you still want to."
            )
        locked.withdrawn_at = now
        locked.save(update_fields=["withdrawn_at"])
        audit.record("proposal.withdrawn", locked, by=by, at=now)


def _window_taking(proposal: Proposal, moment: datetime) -> Window:
    """The window that takes the proposal at that moment, locked FOR SHARE so that an addendum waits. Raises TooLate."""
    lot = proposal.lot
    statement = """
        SELECT * FROM rfp_window
        WHERE solicitation_id = %s AND opens_at <= %s AND closes_at > %s AND (%s::bigint IS NULL OR id = %s)
        ORDER BY closes_at LIMIT 1 FOR SHARE
    """
    values = [lot.solicitation_id, moment, moment, proposal.window_id, proposal.window_id]
    window = next(iter(Window.objects.raw(statement, values)), None)
    if window is None or not _takes_proposals(lot):
        raise TooLate("The window has closed. Your draft is saved, but you can no longer submit it.")
    return window


def _takes_proposals(lot: Lot) -> bool:
    """Whether the lot and its RFP stand; asked of the database, since both can end while a page is open."""
    return Lot.objects.filter(
        pk=lot.pk,
        withdrawn_at__isnull=True,
        solicitation__published_at__isnull=False,
        solicitation__final_status="",
    ).exists()


def _freeze(revision: Revision, window: Window, *, received_at: datetime, by: User) -> None:
    revision.rfp_version = window.version
    supplier = profiles.supplier_facts(revision.proposal.supplier)
    revision.supplier_snapshot = dump(supplier)
    revision.content_sha256 = manifest.fingerprint_of(revision, supplier)
    revision.received_at, revision.submitted_by = received_at, by
    revision.save(
        update_fields=["supplier_snapshot", "content_sha256", "received_at", "submitted_by", "rfp_version"]
    )


def _confirm_receipt(revision: Revision, window: Window, *, at: datetime) -> None:
    proposal = revision.proposal
    received = when(at, proposal.lot.solicitation.zone, seconds=True)
    notices.post(
        proposal.supplier.members.all(),
        key=f"submitted:{revision.pk}",
        subject=f"Received: {proposal.number}, {proposal.lot.solicitation.title}",
        body=(
            f"We received revision {revision.number} of proposal {proposal.number} ({revision.title}) "
            f"on {received}.\n\nFingerprint (SHA-256): {revision.content_sha256}\n\n"
            "You can revise or withdraw it until the window closes.\n"
        ),
        at=at,
        link=reverse("rfp:proposal_detail", args=[proposal.pk]),
    )


def _must_be_able_to_change(supplier: Supplier, by: User) -> None:
    if not supplier_queries.suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Your account can view this company’s proposals but not change them.")


def must_be_able_to_attest(supplier: Supplier, by: User) -> None:
    if not supplier_queries.may_attest(by, supplier):
        raise Refused("Only an owner of the company account can sign, submit or withdraw.")
