"""The sample's RFP in preparation: it is scored in another way, and only its date keeps it from being published."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rfp.demo import rfps
from rfp.models import Solicitation
from rfp.publishing import publication
from tests import factories as make

pytestmark = pytest.mark.django_db


class Told:
    """What the draft needs of a demo: a person and dates that do not move."""

    def __init__(self) -> None:
        self.admin = make.make_user("admin")

    def person(self, _name: str) -> Any:
        return self.admin

    def at(self, _text: str) -> Any:
        return make.NOW

    def on(self, text: str) -> Any:
        return date.fromisoformat(text)


def test_the_draft_of_the_sample_shows_other_choices() -> None:
    told = Told()
    rfps.in_preparation(told)  # type: ignore[arg-type]
    draft = Solicitation.objects.get()
    assert publication.gaps(draft) == []
    client = Client()
    client.force_login(told.admin)
    text = client.get(reverse("rfp:setup_preview", args=[draft.pk])).content.decode()
    for words in (
        "Each percent above it costs one percent of them.",
        "0 = 0%, 5 = 40%, 7.5 = 75%, 10 = 100%",
        "0 to 15 points",
        "None: 0%, From 2029: 50%, From the first delivery: 100%",
        "Yes earns all points, no earns none",
        "Technical points count 65% of the total and price points 35%.",
        "the higher mark for Service life, then the lower price",
        "Yes to B-01 takes 5% off the price we compare, at most $250,000",
        "We discuss capacity with each supplier.",
    ):
        assert words in text, words
    page = client.get(reverse("rfp:setup_scoring", args=[draft.pk])).content.decode()
    assert "Percent above the lowest price" in page
