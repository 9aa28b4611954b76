"""What a report is asked for with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from portal.kit.forms import PortalForm, offer
from rfp.models import Lot
from scoring.reports.models import Report

KINDS = (
    (Report.Kind.EVALUATION.value, "Evaluation report (PDF)"),
    (Report.Kind.DOSSIER.value, "Dossier (ZIP of every document)"),
)


class LotReportForm(PortalForm):
    """One lot's evaluation report or dossier."""

    submit = "Create"
    kind = forms.ChoiceField(label="Document", choices=KINDS)
    lot = forms.ChoiceField(label="Lot")

    def __init__(self, *args: Any, lots: Iterable[Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "lot", [(lot.code, f"{lot.code} {lot.title}") for lot in lots])
