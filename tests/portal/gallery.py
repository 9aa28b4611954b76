"""A page that draws every component once, for tests and for looking at."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from portal.kit.charts import bars, maps, ramps
from portal.kit.compliance import Audience, Effect, Envelope, Finding, Outcome
from portal.kit.forms import PortalForm, table_helper
from portal.templatetags.states import STATES

HERE = Path(__file__).parent


class SiteForm(PortalForm):
    submit = "Save the site"
    cancel = "/sites/"
    name = forms.CharField(label="Name of the site", help_text="As it stands on your certificate.")
    zip_code = forms.CharField(
        label="ZIP code", max_length=5, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    state = forms.ChoiceField(label="State", choices=[("OH", "Ohio"), ("TX", "Texas")])
    notes = forms.CharField(label="Notes", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    owned = forms.ChoiceField(
        label="Who owns it?",
        help_text="The land, not the machines.",
        choices=[("us", "We do"), ("them", "Somebody else")],
        widget=forms.RadioSelect,
    )
    proof = forms.FileField(label="Proof", help_text="PDF, up to 25 MB.")
    confirm = forms.BooleanField(label="I may speak for the company")

    def clean(self):
        if self.cleaned_data.get("state") == "TX":
            self.add_error("zip_code", "ZIP 43215 belongs to Ohio, not Texas")
            raise forms.ValidationError("The address does not hold together")


class LineForm(PortalForm):
    part = forms.CharField(label="Part")
    cost = forms.DecimalField(label="Cost", help_text="$ a unit")
    domestic = forms.BooleanField(label="Domestic", required=False)


LineFormSet = forms.formset_factory(LineForm, extra=1)
SENT = {"state": "TX", "zip_code": "43215", "name": "Toledo <b>Plant</b> 2"}
SENT_LINES = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-part": "Fan", "form-0-cost": "many"}


def finding(outcome, *, rule="DC-2", message="61.0% against more than 65%.", fix="Re-source the enclosure."):
    return Finding(
        rule=rule,
        part="",
        outcome=outcome,
        effect=Effect.KNOCKOUT if outcome == Outcome.MET else Effect.ADVISORY,
        audience=Audience.SUPPLIER,
        envelope=Envelope.TECHNICAL,
        title="Domestic content",
        message=message,
        fix=fix,
        basis="FAR 25.101",
        legal_effect="",
        numbers={},
    )


def drawings():
    periods = [
        ramps.Period(label, supply, demand)
        for label, supply, demand in (
            ("27 Q3", 1500, 1000),
            ("27 Q4", 2500, 3000),
            ("28 Q1", 4400, 4200),
            ("28 Q2", 6500, 6000),
            ("28 Q3", 8300, 7600),
            ("28 Q4", 10000, 9000),
        )
    ]
    names = (
        "Performance",
        "U.S. production",
        "Resilience",
        "Lead time",
        "Jobs",
        "Ramp",
        "Iteration",
        "Price",
    )
    points = (16, 18, 12, 10, 8, 12, 6, 15)
    weights = [bars.Weight(name, w, name == "Price") for name, w in zip(names, points, strict=True)]
    slots = [
        bars.Slot(w.name, w.weight, mark, w.is_price)
        for w, mark in zip(weights, (80, 76, 60, 90, 95, 40, None, 71), strict=True)
    ]
    return [
        bars.meter(value=Decimal(61), high=70, line=65, later=ramps.Later(75, "2029: 75%"), title="Domestic"),
        bars.weight_bar(weights, title="Weights"),
        bars.mark_slots(slots),
        bars.rank_strip([0.02, 0.1, 0.3, 0.3, 0.15, 0.1, 0.03], places=5, height=64, labels=True),
        ramps.ramp(periods, unit="shelves"),
        maps.cartogram({"OH": 180000, "TX": 95000, "GA": 60000, "IA": 15000}, cuts=(30000, 70000)),
    ]


def render(source, query="", **context):
    """What this piece of a template writes on a page with this query."""
    request = RequestFactory().get(f"/proposals/{query}")
    return engines["django"].from_string(source).render(context, request)


def page(user=None, query=""):
    """The kit's HTML, for this user."""
    request = RequestFactory().get(f"/kit/{query}")
    request.user = user or AnonymousUser()
    engine = engines["django"]
    template = engine.from_string((HERE / "templates/gallery.html").read_text())
    return template.render(
        {
            "messages": [
                Message(25, "Mark saved."),
                Message(40, "The window closed."),
            ],
            "states": [name for name in STATES if name not in ("not", "open", "na")],
            "tabs": [
                {"label": "Overview", "url": "/kit/", "current": True},
                {"label": "Ranking", "url": "/r/"},
            ],
            "name": "RFP 26-01",
            "crumbs": [("RFPs", "/"), ("RFP 26-01", "/26-01/"), ("Components", "")],
            "closes": datetime(2026, 7, 1, 4, tzinfo=UTC),
            "cells": [
                {"label": "Receipt", "value": "R-26-01-3-000417", "code": True},
                {"label": "Files", "value": 9, "note": "38.4 MB in all"},
                {"label": "Fingerprint", "value": "9f2c 41d8", "code": True, "span": True},
            ],
            "findings": [
                finding(Outcome.MET, rule="FA-1", message="Toledo, OH 43604.", fix=""),
                finding(Outcome.NOT_MET),
                finding(Outcome.REFER, rule="CE-1", fix="The multi-site annex."),
                finding(Outcome.NOT_APPLICABLE, rule="DC-3", fix=""),
                finding(Outcome.NOT_MET, rule="CO-1", message="", fix=""),
            ],
            "steps": [
                {"state": "met", "title": "Submitted", "note": "June 25, 10:31 am ET"},
                {"state": "run", "title": "Being assessed"},
                {"state": "todo", "title": "Scored"},
            ],
            "progress": bars.progress(31, 47),
            "form": SiteForm(SENT),
            "formset": LineFormSet(SENT_LINES),
            "table_helper": table_helper("Save the lines"),
            "page": Paginator(range(412), 100).page(2),
            "drawings": drawings(),
            "key": [("k-fill", "Ours"), ("k-hatch", "Uncertain"), ("k-scribe", "The line")],
        },
        request,
    )
