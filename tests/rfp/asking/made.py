"""Questions for tests, through the real actions."""

from __future__ import annotations

from portal.models import Role, User
from rfp.asking import actions
from rfp.models import Addendum, Advice, Question, Solicitation
from tests import factories as make

ASKERS = ("Quillfeather Works", "Zebulon Castings")


def advice_on(question: Question, colleague: User | None = None, *, by: User | None = None) -> Advice:
    """An admin asks a colleague, an officer unless told otherwise."""
    words = actions.Draft(
        published_text="Does duty count?",
        answer="",
        lot=None,
        requirement=None,
        is_private=False,
        reason="",
        addendum=question.addendum,
    )
    return actions.ask_colleague(
        question,
        words,
        colleague=colleague or make.make_user(Role.OFFICER),
        note="You know duties.",
        seen=actions.version_of(question),
        names_are_fine=False,
        by=by or make.make_user(Role.ADMIN),
        at=make.NOW,
    )


def waiting(
    solicitation: Solicitation, addendum: Addendum, asker: int, *, colleague: User, by: User
) -> Question:
    """One that waits for a colleague and for an addendum, by one of two companies that are alike."""
    companies = [make.make_supplier(legal_name=name) for name in ASKERS]
    question = actions.ask(
        solicitation,
        companies[asker],
        text="Does duty count?",
        lot=None,
        requirement=None,
        by=make.owner_of(companies[asker]),
        at=make.NOW,
    )
    question.addendum = addendum
    return advice_on(question, colleague, by=by).question
