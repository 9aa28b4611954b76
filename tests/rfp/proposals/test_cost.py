"""What submitting and assessing ask the database: a fixed number of statements, however much was sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rfp.compliance import tasks
from rfp.models import Revision
from rfp.proposals import actions
from scoring.models import Score
from tests import factories as make

pytestmark = pytest.mark.django_db


def drafts() -> list[Any]:
    """A draft of two lines, and one with sixty lines and more answers."""
    small, large = make.make_draft(), make.make_draft()
    owner = make.owner_of(large.supplier)
    actions.replace_bom(large, make.bom_lines() * 30, name="bom.csv", by=owner, at=make.NOW)
    actions.attest(large, name="Owner", title="CEO", by=owner, at=make.NOW)
    return [small, large]


def test_submitting_takes_seventeen_statements() -> None:
    counts = []
    for draft in drafts():
        fresh = type(draft).objects.select_related("lot__solicitation").get(pk=draft.pk)
        owner = make.owner_of(draft.supplier)
        with CaptureQueriesContext(connection) as caught:
            actions.submit_proposal(fresh, by=owner)
        counts.append(len(caught))
    # Two of them begin and end the transaction; in a test it is a savepoint. One asks for its time.
    assert counts == [18, 18]


def test_assessing_and_scoring_takes_twenty_six_statements(django_capture_on_commit_callbacks: Any) -> None:
    counts = []
    for draft in drafts():
        revision: Revision = make.submit(draft)
        with CaptureQueriesContext(connection) as caught, django_capture_on_commit_callbacks(execute=True):
            tasks.assess_revision.run(revision.pk)
        assert Score.objects.filter(revision=revision).exists()
        counts.append(len(caught))
    # One of them reads what people decided, where there is something to decide.
    assert max(counts) <= 26 and max(counts) - min(counts) <= 1
