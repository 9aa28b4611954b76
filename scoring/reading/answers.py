"""A proposal's answers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.kit import along, formats
from portal.kit.compliance import Envelope
from rfp.models import Attachment, Requirement, Revision
from rfp.proposals import queries as proposals_queries
from scoring.reading import citing
from scoring.reading.company import company_of, final_site, site_line

MANUAL = "Reviewers"


# ---- answers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One requirement with its answer as people read it; `rows` for a table, its first being the heads.

    `is_sealed`: it belongs to the price envelope, which is closed; then it has no value.
    """

    requirement: Requirement
    code: str
    text: str
    value: str
    effect: str
    feeds: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    files: tuple[Attachment, ...] = ()
    is_sealed: bool = False

    @property
    def citation(self) -> str:
        """What a comment says of it: its label, and its words."""
        if self.rows:
            return f"[{self.code}: table]"
        return "" if self.value == ELSEWHERE else citing.quoted(self.code, self.value)


AnsweredBy = Requirement.AnsweredBy
ELSEWHERE = "See “Capacity and jobs”."


def answers_of(revision: Revision, *, price_open: bool) -> list[Answer]:
    """All requirements that it has to answer with their answers, in order; two queries."""
    along.bring(revision, "items", "responses", "attachments__document")
    requirements = proposals_queries.asked_in(revision)
    values = {response.requirement_id: response.value for response in revision.responses.all()}
    files: dict[int | None, list[Attachment]] = {}
    for attachment in revision.attachments.all():
        files.setdefault(attachment.requirement_id, []).append(attachment)
    sections = sections_of(revision)
    return [
        answer_to(each, values.get(each.pk), files.get(each.pk, []), sections, price_open=price_open)
        for each in requirements
    ]


def sections_of(revision: Revision) -> Mapping[Any, str]:
    """What answers a requirement that is answered elsewhere in the proposal."""
    return {
        AnsweredBy.SITE: site_line(final_site(revision, company_of(revision))),
        AnsweredBy.LEAD_TIME: formats.count_of(revision.lead_time_days, "day")
        if revision.lead_time_days is not None
        else "",
        AnsweredBy.START: formats.day(revision.start_of_production),
    }


def answer_to(
    requirement: Requirement,
    value: Any,
    files: Sequence[Attachment],
    sections: Mapping[Any, str],
    *,
    price_open: bool,
) -> Answer:
    """One answer; without its value while its envelope is closed."""
    if price_open or requirement.envelope == Envelope.TECHNICAL.value:
        return _answer(requirement, value, files, sections)
    return _sealed_answer(requirement)


def _sealed_answer(requirement: Requirement) -> Answer:
    return Answer(
        requirement=requirement,
        code=requirement.code,
        text=requirement.text,
        value="",
        effect=requirement.effect,
        is_sealed=True,
    )


def _answer(
    requirement: Requirement, value: Any, files: Sequence[Attachment], sections: Mapping[Any, str]
) -> Answer:
    rows: tuple[tuple[str, ...], ...] = ()
    if requirement.answered_by != AnsweredBy.RESPONSE:
        text = sections.get(requirement.answered_by, ELSEWHERE)
    elif isinstance(value, list):
        rows, text = _table(requirement, value), ""
    else:
        text = value_in_words(value, requirement.data_type, requirement.unit)
    return Answer(
        requirement=requirement,
        code=requirement.code,
        text=requirement.text,
        value=text,
        effect=requirement.effect,
        feeds=requirement.feeds.code if requirement.feeds else "",
        rows=rows,
        files=tuple(files),
    )


def value_in_words(value: Any, data_type: str, unit: str = "") -> str:
    """A typed answer as people read it; empty when there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if data_type == Requirement.DataType.DATE:
        return _date(str(value))
    if data_type in (Requirement.DataType.NUMBER, Requirement.DataType.INTEGER):
        return formats.with_unit(_number(value), unit)
    return str(value)


def _date(text: str) -> str:
    try:
        return formats.day(date.fromisoformat(text))
    except ValueError:
        return text


def _number(value: Any) -> str:
    try:
        return formats.number(value)
    except ValueError:
        return str(value)


def _table(requirement: Requirement, value: list[Any]) -> tuple[tuple[str, ...], ...]:
    if not value:
        return ()
    if isinstance(value[0], Mapping):
        heads = list(requirement.columns) or list(value[0])
        return (tuple(heads), *(tuple(str(row.get(head, "")) for head in heads) for row in value))
    rows = [tuple(str(cell) for cell in row) if isinstance(row, list) else (str(row),) for row in value]
    heads = list(requirement.columns)[: len(rows[0])]
    return (tuple(heads or [""] * len(rows[0])), *rows)
