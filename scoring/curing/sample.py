"""The sample's requests in a half marked window: one waits for its supplier, one is answered, one lapsed; and two
clarifications, one of them answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo import Demo
from portal.files.storing import check_file
from portal.models import User
from rfp.curing import actions as answers
from rfp.curing.models import Cure
from rfp.curing.queries import BY, Field
from rfp.models import Proposal, Window
from scoring.curing import actions, queries
from suppliers.company.models import Membership

NOTES = (
    "We couldn’t find it in your files either.",
    "A figure from your latest test report is enough.",
    "",
)
QUESTIONS = (
    (
        "Which of your two sites assembles the first units?",
        "Both can. The first 400 units come from the site we named, the second site follows a quarter later.",
    ),
    ("Does the stated lead time include your incoming inspection?", ""),
)


def build(demo: Demo, window: Window) -> None:
    """Through the same verbs as on the pages."""
    lacking = [(each, may) for each in _received(window) if (may := queries.may_be_asked(_current(each)))]
    # Alive, answered, lapsed: when each is asked, so that it stands like that now.
    begun = (demo.now - timedelta(hours=5), demo.now - timedelta(days=2), demo.now - timedelta(days=4))
    for (proposal, may), at, note in zip(lacking, begun, NOTES, strict=False):
        cure = actions.ask_to_cure(proposal, may, hours=48, text=note, by=demo.person("chair"), at=at)
        demo.say(f"  {proposal.number} was asked for {', '.join(each.words for each in may)}")
        if at == begun[1]:
            _answer(cure, may, at=at + timedelta(hours=20))
    _clarify(demo, [each for each in _received(window) if not any(each == one for one, _may in lacking)])


def _received(window: Window) -> list[Proposal]:
    """Those that are not out, in the order of their suppliers."""
    found = Proposal.objects.filter(
        window=window, withdrawn_at=None, current_revision__score__knocked_out=False
    )
    path = ("lot__solicitation", "supplier", "window__solicitation", "current_revision__score")
    return list(found.select_related(*path).order_by("supplier", "number"))


def _current(proposal: Proposal) -> Any:
    return proposal.current_revision


def _owner(proposal: Proposal) -> User:
    return proposal.supplier.memberships.get(level=Membership.Level.OWNER).user


def _answer(cure: Cure, fields: list[Field], *, at: datetime) -> None:
    owner = _owner(cure.proposal)
    answers.answer_cure(
        cure,
        {each.name: _value(each) for each in fields},
        signer_name=owner.name,
        signer_title="Owner",
        by=owner,
        at=at,
    )


def _value(field: Field) -> Any:
    """A plausible answer: in the limits, or a short file."""
    requirement = field.requirement
    if field.is_file:
        return check_file(SimpleUploadedFile("test-report.txt", b"Tested to the limits of the RFP.\n"))
    if requirement.answered_by == BY.LEAD_TIME:
        return 84
    if requirement.data_type == "boolean":
        return True
    if requirement.data_type == "choice":
        expected = requirement.expected or requirement.choices
        return expected if isinstance(expected, str) else expected[0]
    return (
        requirement.ideal or requirement.minimum or requirement.maximum or "As in our data sheet, revision C."
    )


def _clarify(demo: Demo, proposals: list[Proposal]) -> None:
    at = demo.now - timedelta(days=1)
    for proposal, (text, answer) in zip(proposals, QUESTIONS, strict=False):
        asked = actions.ask_to_clarify(
            proposal, text=text, due_at=at + timedelta(days=4), by=demo.person("chair"), at=at
        )
        if answer:
            answers.answer_clarification(asked, answer, by=_owner(proposal), at=at + timedelta(hours=19))
