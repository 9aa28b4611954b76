"""An RFP's version as the `tender` of an OCDS 1.1.5 release. Pure, but for the columns of rows it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.kit.formats import last_moment
from rfp.opendata.process import Answer, Process, Version
from rfp.publishing.key_facts import MilestoneKind, moment_of
from rfp.publishing.models import Milestone, SolicitationDocument

Json = dict[str, Any]
# Address of a page of the portal → whole address.
Whole = Callable[[str], str]
# Our kinds of answers → dataType of the requirements extension.
DATA_TYPES = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "date": "date-time",
}
EFFECTS = {"knockout": "Knock-out", "scored": "Scored", "informative": "Informative"}


def moment(at: datetime, process: Process) -> str:
    """ "2026-06-30T17:00:00-04:00", in the RFP's zone."""
    return at.astimezone(process.zone).isoformat(timespec="seconds")


def last(at: datetime, process: Process) -> str:
    """An exclusive end, as the last second that counts."""
    return moment(last_moment(at, process.zone), process)


def tender_of(process: Process, version: Version, *, page: str, links: dict[int, str]) -> Json:
    """`page`: the RFP's address; `links`: document id → its address."""
    content = version.content
    found = {
        "id": process.number,
        "title": content["title"],
        "description": content["summary"],
        "status": "active",
        "procurementMethod": "open",
        "awardCriteria": "ratedCriteria",
        "awardCriteriaDetails": "; ".join(
            f"{each['title']}: {each['weight']} points" for each in content["criteria"]
        ),
        "submissionMethod": ["electronicSubmission"],
        "submissionMethodDetails": page,
        "eligibilityCriteria": "\n".join(
            _asked(each) for each in content["requirements"] if each["effect"] == "knockout"
        ),
        **_periods(process, content),
        "items": list(_items(content)),
        "lots": [_lot(each) for each in content["lots"]],
        "criteria": [*map(_criterion, content["criteria"]), *map(_requirement, content["requirements"])],
        "milestones": [*_windows(process, content), *_dates(process, content)],
        "documents": [
            {
                "id": "notice",
                "documentType": "tenderNotice",
                "title": content["title"],
                "url": page,
                "datePublished": moment(version.at, process),
                "format": "text/html",
                "language": "en",
            },
            *_documents(process, content, links),
        ],
    }
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def _asked(requirement: Json) -> str:
    return f"{requirement['code']}: {requirement['text']} {requirement['wanted']}".strip()


# ---- when -------------------------------------------------------------------------------------------------------


def _periods(process: Process, content: Json) -> Json:
    opens = [datetime.fromisoformat(each["opens_at"]) for each in content["windows"]]
    closes = [datetime.fromisoformat(each["closes_at"]) for each in content["windows"]]
    found: Json = {}
    if opens and closes:
        found["tenderPeriod"] = {
            "startDate": moment(min(opens), process),
            "endDate": last(max(closes), process),
        }
    until = content.get("facts", {}).get("questions_until")
    ends = datetime.fromisoformat(until) if until else max(closes, default=None)
    if ends is not None:
        found["enquiryPeriod"] = {
            "startDate": moment(process.published_at, process),
            "endDate": last(ends, process),
        }
    for each in content.get("milestones", []):
        if each["kind"] == MilestoneKind.AWARD:
            found["awardPeriod"] = {"endDate": _due(each, process)}
        elif each["kind"] == MilestoneKind.START:
            found["contractPeriod"] = {"startDate": _due(each, process)}
    return found


def _windows(process: Process, content: Json) -> Iterator[Json]:
    for each in content["windows"]:
        yield {
            "id": f"window-{each['number']}",
            "title": f"Window {each['number']} closes",
            "code": "windowCloses",
            "dueDate": last(datetime.fromisoformat(each["closes_at"]), process),
            "status": "scheduled",
        }


def _dates(process: Process, content: Json) -> Iterator[Json]:
    engages = (MilestoneKind.CONFERENCE, MilestoneKind.VISIT)
    for each in content.get("milestones", []):
        found = {
            "id": f"date-{each['id']}",
            "title": each["title"],
            "dueDate": _due(each, process),
            "status": "scheduled",
        }
        if each["kind"] in engages:
            found |= {"type": "engagement", "code": each["kind"]}
        yield found


def _due(milestone: Json, process: Process) -> str:
    at = time.fromisoformat(milestone["at"]) if milestone["at"] else None
    row = Milestone(on=date.fromisoformat(milestone["on"]), at=at)
    return last(moment_of(row, process.zone), process)


# ---- what -------------------------------------------------------------------------------------------------------


def _lot(lot: Json) -> Json:
    found = {
        "id": lot["code"],
        "title": lot["title"],
        "status": "withdrawn" if lot["withdrawn"] else "active",
    }
    return found | ({"description": lot["summary"]} if lot["summary"] else {})


def _items(content: Json) -> Iterator[Json]:
    for lot in content["lots"]:
        for item in lot["items"]:
            found: Json = {
                "id": f"{lot['code']}-{item['code']}",
                "description": item["title"],
                "unit": {"name": item["unit"]},
                "relatedLot": lot["code"],
            }
            # What we know is the volume of a year, about.
            if item.get("volume"):
                found["quantity"] = item["volume"]
            yield found


def _documents(process: Process, content: Json, links: dict[int, str]) -> Iterator[Json]:
    rows = process.documents
    named = content.get("documents", [{"id": pk, "title": row.title} for pk, row in rows.items()])
    for each in named:
        if (row := rows.get(each["id"])) is not None:
            yield {
                "id": f"document-{each['id']}",
                "documentType": "biddingDocuments",
                "title": each["title"],
                "url": links[each["id"]],
                "datePublished": moment(max(row.document.uploaded_at, process.published_at), process),
                "format": row.document.content_type,
                "language": "en",
                **_control(row),
            }


def _control(row: SolicitationDocument) -> Json:
    """What a reader must know before asking for a controlled document."""
    if not row.export_control:
        return {}
    words = f"Export-controlled: {row.export_control}. A compliance officer releases it to each company."
    return {"description": words}


# ---- how judged -------------------------------------------------------------------------------------------------


def _criterion(criterion: Json) -> Json:
    """What reviewers weigh: no requirements of its own."""
    words = [f"{criterion['weight']} points."]
    if criterion["minimum"]:
        words.append(f"At least {criterion['minimum']} %.")
    return {
        "id": f"criterion-{criterion['code']}",
        "title": criterion["title"],
        "description": " ".join([*words, criterion["guidance"]]).strip(),
    }


def _requirement(requirement: Json) -> Json:
    """One question: a criterion with one group of one requirement, as the extension wants it."""
    code = requirement["code"]
    atomic: Json = {"id": f"{code}-1-1", "title": requirement["text"]}
    if words := " ".join(
        filter(None, (requirement["wanted"], requirement["ideal"], requirement["evidence"]))
    ):
        atomic["description"] = words
    kind = requirement.get("data_type", "string")
    atomic["dataType"] = DATA_TYPES.get(kind, "string")
    if kind in ("number", "integer"):
        for ours, theirs in (("minimum", "minValue"), ("maximum", "maxValue")):
            if (value := _number(requirement[ours])) is not None:
                atomic[theirs] = value
    if kind == "boolean" and isinstance(requirement["expected"], bool):
        atomic["expectedValue"] = requirement["expected"]
    found: Json = {
        "id": code,
        "title": requirement["text"],
        "description": f"{EFFECTS[requirement['effect']]}. {requirement['why']}".strip(),
        "requirementGroups": [{"id": f"{code}-1", "requirements": [atomic]}],
    }
    if requirement["lot"]:
        found["relatedLots"] = [requirement["lot"]]
    return found


def _number(text: str) -> int | float | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    return int(value) if value == value.to_integral_value() else float(value)


# ---- answers ----------------------------------------------------------------------------------------------------


def enquiry_of(answer: Answer, process: Process) -> Json:
    """A published answer. Neither who asked nor when."""
    found = {
        "id": str(answer.number),
        "description": answer.question,
        "answer": answer.answer,
        "dateAnswered": moment(answer.at, process),
    }
    return found | ({"relatedLot": answer.lot} if answer.lot else {})
