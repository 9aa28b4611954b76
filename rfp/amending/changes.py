"""The changes of an addendum: what each would make of the RFP, in words, and whether it takes two people."""

from __future__ import annotations

from typing import Any

from portal.kit.formats import day, deadline, number
from portal.kit.refused import Refused
from rfp.amending import fact_changes
from rfp.amending.values import Says, differences, with_values
from rfp.publishing.addendum_models import Change
from rfp.publishing.models import Lot, Solicitation, Window
from rfp.publishing.queries import asked_now
from rfp.publishing.question_models import Criterion, Requirement
from rfp.publishing.words import ideal, only_if, wanted

KIND = Change.Kind
STRING = Requirement.DataType.STRING
STANDING = Requirement.Standing
# What an addendum may change of a question: its kind of answer, lot and place in the scoring stay.
QUESTION_FIELDS = (
    "text",
    "why",
    "unit",
    "minimum",
    "maximum",
    "ideal",
    "expected",
    "choices",
    "columns",
    "evidence",
    "evidence_required",
    "effect",
    "only_if",
    "only_if_answer",
)
CRITERION_FIELDS = ("title", "weight", "minimum", "supplier_guidance")
LOT_FIELDS = ("title", "summary")
TEXT_FIELDS = ("title", "summary")
DATES = (KIND.MILESTONE, KIND.MILESTONE_ADDED, KIND.MILESTONE_REMOVED)
HAS_ANSWERS = (KIND.REQUIREMENT, KIND.REQUIREMENT_ADDED)


# ---- what a change is about -------------------------------------------------------------------------------------


def requirement_called(solicitation: Solicitation, code: str) -> Requirement:
    """The question as it is worded now. Raises Refused."""
    found = asked_now(solicitation).filter(code=code).select_related("lot", "feeds").first()
    if found is None:
        raise Refused(f"Requirement {code} is no longer part of this RFP.")
    return found


def criterion_called(solicitation: Solicitation, code: str) -> Criterion:
    found = solicitation.criteria.filter(code=code).first()
    if found is None:
        raise Refused(f"Criterion {code} is no longer part of this RFP.")
    return found


def lot_called(solicitation: Solicitation, code: str) -> Lot:
    found = solicitation.lots.filter(code=code, withdrawn_at__isnull=True).first()
    if found is None:
        raise Refused(f"Lot {code} is no longer part of this RFP.")
    return found


def window_called(solicitation: Solicitation, number_: str) -> Window:
    found = solicitation.windows.filter(number=int(number_)).first() if number_.isdecimal() else None
    if found is None:
        raise Refused(f"Window {number_} is not part of this RFP.")
    return found


# ---- in words ---------------------------------------------------------------------------------------------------


def described(
    solicitation: Solicitation, kind: str, subject: str, values: dict[str, Any]
) -> tuple[str, Says]:
    """(title, what differs in words) of a change; no differences where it would change nothing. Raises Refused."""
    return DESCRIBE[KIND(kind)](solicitation, subject, values)


def _question_words(requirement: Requirement) -> dict[str, str]:
    """Everything of a question that suppliers read, by label."""
    return {
        "Question": requirement.text,
        "Limits": wanted(requirement),
        "Ideal": ideal(requirement).removeprefix("Ideal: "),
        "Unit": requirement.unit,
        "Answers to choose from": ", ".join(requirement.choices),
        "Accepted answers": _accepted(requirement.expected) if requirement.data_type == STRING else "",
        "Columns": ", ".join(requirement.columns),
        "Why we ask": requirement.why,
        "Evidence": requirement.evidence,
        "A file is required": "Yes" if requirement.evidence_required else "No",
        "Effect": requirement.get_effect_display(),
        "Asked": only_if(requirement),
    }


def question_says(before: Requirement | None, after: Requirement) -> Says:
    """What differs between two wordings of a question; of a new one, what it asks."""
    new = _question_words(after)
    if before is None:
        return differences((label, "", words) for label, words in new.items() if words and label in ASKS)
    old = _question_words(before)
    return differences((label, old[label], new[label]) for label in new)


ASKS = ("Question", "Asked", "Limits", "Ideal", "Answers to choose from", "Why we ask", "Evidence")


def _changed_question(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = requirement_called(solicitation, subject)
    return f"{before.code} {before.text}"[:300], question_says(before, with_values(before, values))


def _accepted(expected: Any) -> str:
    listed = expected if isinstance(expected, list) else [] if expected is None else [expected]
    return ", ".join("Yes" if each is True else "No" if each is False else str(each) for each in listed)


def _added_question(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    names = ("text", *QUESTION_FIELDS, "data_type")
    new = Requirement(code=subject, **{name: values[name] for name in names if name in values})
    lot = values.get("lot") or ""
    words = {"Lot": lot or "All lots", **_question_words(new)}
    said = [("A file is required", "", "Yes")] if new.evidence_required else []
    said = [
        *((label, "", text) for label, text in words.items() if label != "A file is required" and text),
        *said,
    ]
    return f"New question {subject}", differences(said)


def _removed_question(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = requirement_called(solicitation, subject)
    return f"{subject} removed", differences([("Question", before.text, "")])


def _changed_criterion(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = criterion_called(solicitation, subject)
    after = with_values(before, values)

    def words(each: Criterion) -> dict[str, str]:
        return {
            "Title": each.title,
            "Weight": number(each.weight),
            "Minimum": f"{number(each.minimum)}%" if each.minimum is not None else "None",
            "Guidance": each.supplier_guidance,
        }

    new = words(after)
    said = differences((label, text, new[label]) for label, text in words(before).items())
    return f"Criterion {before.title}", said


def _changed_lot(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = lot_called(solicitation, subject)
    after = with_values(before, values)
    said = differences([("Title", before.title, after.title), ("Summary", before.summary, after.summary)])
    return f"Lot {before.code} {before.title}", said


def _withdrawn_lot(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    lot = lot_called(solicitation, subject)
    said = differences([("Lot", "Part of this RFP", "Withdrawn")])
    return f"Lot {lot.code} {lot.title} is withdrawn", said


def _window_words(solicitation: Solicitation, each: Window) -> dict[str, str]:
    zone = solicitation.time_zone
    return {
        "Opens": deadline(each.opens_at, zone),
        "Closes": deadline(each.closes_at, zone),
        "Feedback by": day(each.feedback_by) if each.feedback_by else "",
    }


def _changed_window(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = window_called(solicitation, subject)
    dates = {name: value for name, value in values.items() if name != "outage"}
    new = _window_words(solicitation, with_values(before, dates))
    said = differences(
        (label, words, new[label]) for label, words in _window_words(solicitation, before).items()
    )
    if said and values.get("outage"):
        said.append({"label": "Reason", "before": "", "after": "Makes up for an outage of this site"})
    return f"Dates of window {before.number}", said


def _added_window(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    new = with_values(Window(solicitation=solicitation, number=int(subject)), values)
    said = differences(
        (label, "", words) for label, words in _window_words(solicitation, new).items() if words
    )
    return f"New window {subject}", said


def _changed_text(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    after = with_values(solicitation, values)
    return "Text of this RFP", differences(
        [("Title", solicitation.title, after.title), ("Summary", solicitation.summary, after.summary)]
    )


DESCRIBE = {
    KIND.REQUIREMENT: _changed_question,
    KIND.REQUIREMENT_ADDED: _added_question,
    KIND.REQUIREMENT_REMOVED: _removed_question,
    KIND.CRITERION: _changed_criterion,
    KIND.LOT: _changed_lot,
    KIND.LOT_WITHDRAWN: _withdrawn_lot,
    KIND.WINDOW: _changed_window,
    KIND.WINDOW_ADDED: _added_window,
    KIND.TEXT: _changed_text,
    KIND.FACTS: fact_changes.changed_facts,
    KIND.MILESTONE: fact_changes.changed_milestone,
    KIND.MILESTONE_ADDED: fact_changes.added_milestone,
    KIND.MILESTONE_REMOVED: fact_changes.removed_milestone,
}


# ---- what it means ----------------------------------------------------------------------------------------------


def takes_two(solicitation: Solicitation, change: Change) -> bool:
    """Whether it touches criteria, weights, knock-outs, or dates."""
    if change.kind in (KIND.CRITERION, KIND.WINDOW, KIND.WINDOW_ADDED, KIND.LOT_WITHDRAWN, *DATES):
        return True
    if change.kind == KIND.FACTS:
        return fact_changes.fact_takes_two(solicitation, change.values)
    if change.kind == KIND.REQUIREMENT_ADDED:
        return change.values.get("effect") == Requirement.Effect.KNOCKOUT or bool(change.values.get("feeds"))
    if change.kind in (KIND.REQUIREMENT, KIND.REQUIREMENT_REMOVED):
        before = requirement_called(solicitation, change.subject)
        effects = {before.effect, change.values.get("effect", before.effect)}
        return Requirement.Effect.KNOCKOUT in effects or before.feeds_id is not None
    return False


def usual_standing(kind: str, before: Requirement | None, values: dict[str, Any]) -> str:
    """What becomes of old answers unless the admin says otherwise; blank where there are none."""
    if kind not in HAS_ANSWERS:
        return ""
    effect = values.get("effect", before.effect if before else "")
    return STANDING.STANDS if effect == Requirement.Effect.INFORMATIVE else STANDING.RECONFIRM


def standings_for(change: Change, before: Requirement | None) -> list[str]:
    """What the admin may choose. A choice that is gone, or other columns, cannot be answered by an old answer."""
    if change.kind not in HAS_ANSWERS:
        return []
    if change.kind == KIND.REQUIREMENT_ADDED:
        return [STANDING.STANDS, STANDING.RECONFIRM]
    if before is not None:
        gone = set(before.choices) - set(change.values.get("choices", before.choices))
        if gone or list(before.columns) != list(change.values.get("columns", before.columns)):
            return [STANDING.RECONFIRM]
    is_minor = {"text", "why", "evidence"} >= {
        name for name in change.values if before is None or change.values[name] != getattr(before, name)
    }
    return [STANDING.STANDS, STANDING.RECONFIRM, *([STANDING.MINOR] if is_minor else [])]
