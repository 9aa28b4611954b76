"""Fixtures of this folder: an RFP that asks one question only if another has an answer."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.models import Role
from rfp.models import Solicitation
from tests import factories as make

CONDITION = {"only_if": "S1", "only_if_answer": "yes"}


def ask(rfp: Solicitation) -> None:
    """S1 decides whether S2 (a list), S3 (a file) and S4 (a number that can exclude) are asked."""
    common = {"lot": rfp.lots.get(), "effect": "knockout", "why": "We pay them."}
    rfp.requirements.create(
        code="S1", text="Do you use subcontractors?", data_type="boolean", position=5, **common
    )
    rows = {
        "S2": {"text": "List them.", "data_type": "table", "columns": ["Company"]},
        "S3": {"text": "Their insurance", "data_type": "file", "evidence": "Certificate"},
        "S4": {"text": "Their share, percent?", "data_type": "number", "maximum": "40"},
    }
    for at, (code, row) in enumerate(rows.items(), start=6):
        rfp.requirements.create(code=code, position=at, **row, **common, **CONDITION)


@pytest.fixture
def rfp() -> Solicitation:
    rfp = make.make_solicitation()
    ask(rfp)
    return rfp


@pytest.fixture
def draft() -> Solicitation:
    draft = make.make_solicitation(published=False)
    ask(draft)
    return draft


@pytest.fixture
def admin_client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.make_user(Role.ADMIN))
    return signed_in
