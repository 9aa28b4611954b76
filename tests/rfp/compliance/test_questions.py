"""What a knock-out finding asks of a person: one finding at a time, and the same for a list."""

from itertools import product

import pytest

from portal.kit.compliance import Audience, Effect, Envelope, Outcome
from rfp.compliance import queries
from rfp.models import Finding
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_list_asks_what_each_finding_asks():
    proposal = make.make_proposal()
    make.assess_and_score(proposal)
    proposal.refresh_from_db()
    assessment = proposal.current_revision.assessments.get()
    kinds = product(
        ("AT-2", "AT-4", "RQ-1"),
        Outcome,
        Effect,
        Envelope,
        Audience,
        ({}, {"opens": "false"}, {"answered": "false"}),
    )
    made = Finding.objects.bulk_create(
        Finding(
            assessment=assessment,
            rule=rule,
            part=f"T{number}",
            outcome=outcome.value,
            effect=effect.value,
            envelope=envelope.value,
            audience=audience.value,
            numbers=numbers,
        )
        for number, (rule, outcome, effect, envelope, audience, numbers) in enumerate(kinds)
    )
    asked = {each.pk for each in made if queries.question_of(each) is not None}
    listed = queries.questions(Finding.objects.filter(part__startswith="T"))
    assert 0 < len(asked) < len(made)
    assert set(listed.values_list("pk", flat=True)) == asked


def test_an_unreadable_file_in_the_price_envelope_is_for_a_person():
    """Only the technical envelope knocks out by itself: prices are opened by then, and somebody has to look."""
    finding = Finding(
        rule="AT-2",
        outcome=Outcome.NOT_MET.value,
        effect=Effect.KNOCKOUT.value,
        envelope=Envelope.PRICE.value,
        numbers={"opens": "false"},
    )
    assert queries.question_of(finding) is queries.Question.NOT_MET
