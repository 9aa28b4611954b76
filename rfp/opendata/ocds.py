"""An RFP as an OCDS 1.1.5 release package: one release each time what is public changed, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from rfp.opendata.outcomes import PublicAward, named
from rfp.opendata.process import Process, Version
from rfp.opendata.tender import Json, Whole, enquiry_of, moment, tender_of
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.key_facts import CURRENCY

EXTENSIONS = tuple(
    f"https://raw.githubusercontent.com/open-contracting-extensions/{each}/extension.json"
    for each in (
        "ocds_lots_extension/v1.1.5",
        "ocds_enquiry_extension/v1.1.5",
        "ocds_bid_extension/v1.1.5",
        "ocds_requirements_extension/master",
    )
)
BUYER = "buyer"
Dated = tuple[datetime, Json]


def ocid_of(process: Process) -> str:
    return f"{settings.OCID_PREFIX}-{process.number}"


def package_of(process: Process, *, whole: Whole) -> Json:
    """Valid against the official schema of release packages. `whole`: path → address with the host."""
    dated = sorted(_releases(process, whole), key=lambda each: each[0])
    return {
        "uri": whole(reverse("rfp:ocds", args=[process.number])),
        "version": "1.1",
        "extensions": list(EXTENSIONS),
        "publishedDate": moment(dated[-1][0], process),
        "publisher": {"name": settings.OCDS_PUBLISHER},
        "releases": [release for _at, release in dated],
    }


def _releases(process: Process, whole: Whole) -> Iterator[Dated]:
    page = whole(reverse("rfp:solicitation_detail", args=[process.number]))
    links = {
        pk: whole(reverse("rfp:solicitation_document", args=[process.number, pk])) for pk in process.documents
    }
    for version in process.versions:
        yield version.at, _of_version(process, version, page, links)
    for answer in process.answers:
        body = {"id": process.number, "hasEnquiries": True, "enquiries": [enquiry_of(answer, process)]}
        release = _release(process, f"answer-{answer.number}", answer.at, ["tenderUpdate"])
        yield answer.at, release | {"tender": body}
    yield from _awards(process)
    if process.end is not None:
        end = process.end
        tag = "tenderCancellation" if end.status == "cancelled" else "tenderUpdate"
        body = {"id": process.number, "status": end.status}
        release = _release(process, "end", end.at, [tag])
        yield end.at, release | {"tender": body}


def _release(process: Process, name: str, at: datetime, tags: list[str]) -> Json:
    newest = process.versions[-1].content
    return {
        "ocid": ocid_of(process),
        "id": f"{ocid_of(process)}-{name}",
        "date": moment(at, process),
        "tag": tags,
        "initiationType": "tender",
        "language": "en",
        "parties": [_buyer(newest)],
        "buyer": {"id": BUYER, "name": newest["buyer"]},
    }


def _buyer(content: Json) -> Json:
    facts = content.get("facts", {})
    contact = {
        theirs: facts[ours]
        for ours, theirs in (
            ("contact_name", "name"),
            ("contact_email", "email"),
            ("contact_phone", "telephone"),
        )
        if facts.get(ours)
    }
    found: Json = {"id": BUYER, "name": content["buyer"], "roles": ["buyer"]}
    return found | ({"contactPoint": contact} if contact else {})


# ---- what is asked ----------------------------------------------------------------------------------------------


def _of_version(process: Process, version: Version, page: str, links: dict[int, str]) -> Json:
    first = version.number == 1
    tags = ["planning", "tender"] if first else ["tenderAmendment"]
    release = _release(process, f"v{version.number}", version.at, tags)
    release["parties"] = [_buyer(version.content)]
    release["buyer"] = {"id": BUYER, "name": version.content["buyer"]}
    if first:
        # Nothing of an RFP in preparation is public: its reasons are published with it.
        release["planning"] = {"rationale": version.content["summary"]}
    tender = tender_of(process, version, page=page, links=links)
    if amendments := [_amendment(process, each) for each in process.versions[1 : version.number]]:
        tender["amendments"] = amendments
    return release | {"tender": tender}


def _amendment(process: Process, version: Version) -> Json:
    found: Json = {
        "id": str(version.number - 1),
        "date": moment(version.at, process),
        "amendsReleaseID": f"{ocid_of(process)}-v{version.number - 1}",
        "releaseID": f"{ocid_of(process)}-v{version.number}",
    }
    if (addendum := version.addendum) is not None:
        found["description"] = "\n".join(_lines(addendum))
        if addendum.why:
            found["rationale"] = addendum.why
    return found


def _lines(addendum: Addendum) -> Iterator[str]:
    for change in addendum.changes.all():
        yield change.title
        yield from map(_said, change.says)


def _said(each: dict[str, str]) -> str:
    return f"{each['label']}: {each['before'] or 'nothing'} → {each['after'] or 'nothing'}"


# ---- awards -----------------------------------------------------------------------------------------------------


def _awards(process: Process) -> Iterator[Dated]:
    """One release each time that awards of a lot were announced, became final, or ended."""
    moments: dict[tuple[datetime, str], list[tuple[str, PublicAward, str]]] = {}
    for name, award in named(process.outcome.awards):
        for at, tag, status in (
            (award.at, "award", "pending"),
            (award.final_at, "awardUpdate", "active"),
            (award.ended_at, "awardCancellation", "cancelled"),
        ):
            if at is not None:
                moments.setdefault((at, tag), []).append((name, award, status))
    for (at, tag), rows in moments.items():
        stamp = at.astimezone(process.zone).strftime("%Y%m%dT%H%M%S")
        release = _release(process, f"{tag}-{stamp}-{rows[0][0]}", at, [tag])
        suppliers = {award.supplier_key: award for _name, award, _status in rows}
        release["parties"] += [
            {"id": f"supplier-{key}", "name": award.supplier, "roles": ["supplier", "tenderer"]}
            for key, award in suppliers.items()
        ]
        release["awards"] = [_award(process, name, award, status) for name, award, status in rows]
        if tag == "award":
            told = {(award.window, award.lot) for _name, award, _status in rows}
            release["bids"] = {"statistics": list(_counts(process, told))}
        yield at, release


def _award(process: Process, name: str, award: PublicAward, status: str) -> Json:
    found: Json = {
        "id": name,
        "title": f"Lot {award.lot}, window {award.window}",
        "status": status,
        "date": moment(award.at, process),
        "suppliers": [{"id": f"supplier-{award.supplier_key}", "name": award.supplier}],
        "relatedLots": [award.lot],
    }
    if award.value is not None:
        found["value"] = {"amount": float(award.value), "currency": CURRENCY}
    return found


def _counts(process: Process, told: set[tuple[int, str]]) -> Iterator[Json]:
    for each in process.outcome.counts:
        if (each.window, each.lot) in told:
            yield {
                "id": f"bids-{each.window}-{each.lot}",
                "measure": "bids",
                "value": each.received,
                "relatedLot": each.lot,
                "notes": f"Window {each.window}",
            }
