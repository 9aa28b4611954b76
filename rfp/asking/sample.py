"""The demo's questions: some answered for everyone, one privately, a duplicate, and two that wait for an admin."""

from __future__ import annotations

from datetime import timedelta

from portal.demo import Demo
from rfp.asking import actions, queries
from rfp.asking.actions import Draft
from rfp.asking.models import Question
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import asked_now
from suppliers.company.models import Membership, Supplier

# (days ago, company, lot, requirement, as asked, as published, answer); no answer: it waits.
ASKED = (
    (
        34,
        "S01",
        "L1",
        "",
        "Should our prices include duty on tooling?",
        "Should prices include duty on tooling?",
        "Yes. Price tooling as delivered to your site, with duty and freight.",
    ),
    (
        21,
        "S09",
        "",
        "C-02",
        "Is a conformal coating line a step that transforms the product?",
        "Is conformal coating or potting of purchased boards a step that transforms the product?",
        "No. Both protect a finished board. Placing and soldering the components is the transforming step.",
    ),
    (
        9,
        "S05",
        "L3",
        "C-03",
        "May we count capacity that another customer holds an option on?",
        "Does capacity count that another customer has an option on?",
        "Count it only if the option has ended. List the rest under units already promised.",
    ),
    (3, "S01", "L1", "C-05", "Does lead time start with the order or with the release of drawings?", "", ""),
    (
        1,
        "S11",
        "",
        "C-01",
        "Can the final site be leased, if the lease runs past the delivery years?",
        "",
        "",
    ),
)


def build(demo: Demo, solicitation: Solicitation) -> None:
    """Asked and answered through the same verbs as on the pages. The last one in the table waits, and has a twin."""
    for days, company, lot, requirement, text, published, answer in ASKED:
        last = _ask(demo, solicitation, company, days=days, lot=lot, requirement=requirement, text=text)
        if answer:
            _answer(demo, last, published=published, answer=answer)
    same = "Do you accept a leased plant as the final manufacturing site?"
    again = _ask(demo, solicitation, "S12", days=1, lot="", requirement="C-01", text=same)
    actions.merge(again, last, by=demo.person("admin"), at=again.asked_at + timedelta(hours=2))


def _ask(
    demo: Demo,
    solicitation: Solicitation,
    company: str,
    *,
    days: int,
    lot: str,
    requirement: str,
    text: str,
) -> Question:
    supplier: Supplier = demo.made[f"supplier:{company}"]
    return actions.ask(
        solicitation,
        supplier,
        text=text,
        lot=solicitation.lots.filter(code=lot).first(),
        requirement=asked_now(solicitation).filter(code=requirement).first(),
        by=supplier.memberships.get(level=Membership.Level.OWNER).user,
        at=min(demo.now, queries.closes_at(solicitation) or demo.now) - timedelta(days=days),
    )


def _answer(demo: Demo, question: Question, *, published: str, answer: str) -> None:
    words = Draft(
        published_text=published,
        answer=answer,
        lot=question.lot,
        requirement=question.requirement,
        is_private=False,
        reason="",
    )
    at = question.asked_at + timedelta(days=1)
    actions.publish(question, words, seen="", names_are_fine=False, by=demo.person("admin"), at=at)
