"""AT-2: the files that were asked for are there, open, and are what their names say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.kit.compliance import (
    Audience,
    Effect,
    Envelope,
    Verdict,
    distinct,
    met,
    not_applicable,
    not_met,
    refer,
    rule,
)
from portal.kit.formats import count_of, file_size
from portal.kit.parameters import setting
from rfp.facts import DocumentFacts, ProposalFacts, RequiredDocumentFacts

# A mandatory file that cannot be opened excludes without a person's word; the other faults wait for one.
SHUT = {"opens": False}
SAME_KIND = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}


@dataclass(frozen=True, kw_only=True)
class DocumentParams:
    """How large a file may be."""

    largest: int = setting(50_000_000, "Maximum file size", unit="bytes", most=10**9)


@rule(
    "AT-2",
    title="Documents",
    basis="RFP: required documents",
    params=DocumentParams,
    optional=False,
    answered_in="documents",
    automatic=SHUT,
    numbers=("opens",),
)
def documents(facts: ProposalFacts, params: DocumentParams, *, on: date) -> Sequence[Verdict]:
    """All required files are attached, open without a password, have pages and match their file type."""
    sent = {document.requirement for document in facts.documents}
    verdicts = [_absent(required) for required in facts.required_documents if required.code not in sent]
    mandatory = {required.code for required in facts.required_documents if required.mandatory}
    for document in facts.documents:
        verdicts.append(_file_verdict(document, params, mandatory))
    copies = [document for document in facts.documents if document.shared_with_other_supplier]
    if copies:
        verdicts.append(_same_file(copies))
    return distinct(verdicts) or [not_applicable("No files required and none attached.")]


def _absent(required: RequiredDocumentFacts) -> Verdict:
    verdict = not_met("This file is missing.", part=required.code, fix="Upload it.")
    return verdict.but(
        title=_title(required.title or required.code),
        effect=_effect(required.mandatory),
        envelope=Envelope(required.envelope),
    )


def _effect(mandatory: bool) -> Effect:
    return Effect.KNOCKOUT if mandatory else Effect.ADVISORY


def _title(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _file_verdict(document: DocumentFacts, params: DocumentParams, mandatory: set[str]) -> Verdict:
    must = document.mandatory or document.requirement in mandatory
    part = document.requirement or document.name[:50]
    return _content_verdict(document, params).but(
        part=part, title=_title(document.name), effect=_effect(must), envelope=Envelope(document.envelope)
    )


def _content_verdict(document: DocumentFacts, params: DocumentParams) -> Verdict:
    name = document.name
    if document.encrypted:
        return not_met(f"{name} has a password.", fix="Upload it without a password.", numbers=SHUT)
    if document.opens is False:
        return not_met(f"{name} does not open.", fix="Save it again and upload the new file.", numbers=SHUT)
    if document.size == 0 or document.pages == 0:
        return not_met(f"{name} is empty.", fix="Upload a file that isn’t empty.", numbers=SHUT)
    if document.size > params.largest:
        return not_met(
            f"{name} is {file_size(document.size)}. The limit is {file_size(params.largest)}.",
            fix="Make it smaller or split it.",
        )
    if document.opens is None or not document.sniffed:
        return refer(f"{name} could not be checked. A person will open it.")
    if _kind(document.sniffed) != _kind(document.extension):
        return not_met(
            f"{name} ends in .{document.extension} but is {document.sniffed.upper()} inside.",
            fix="Upload it with the right file extension.",
        )
    pages = f", {count_of(document.pages, 'page')}" if document.pages else ""
    return met(f"{name} opens{pages}.")


def _kind(extension: str) -> str:
    lower = extension.lower().lstrip(".")
    return SAME_KIND.get(lower, lower)


def _same_file(copies: Sequence[DocumentFacts]) -> Verdict:
    """For the buyer only: a supplier is not told which of its files another one sent too."""
    names = ", ".join(document.name for document in copies)
    verdict = refer(f"{names} uploaded the same file.", part="same file")
    return verdict.but(title="Same file from another supplier", audience=Audience.BUYER)
