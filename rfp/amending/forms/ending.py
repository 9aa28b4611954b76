"""How and why an RFP ends."""

from django import forms

from portal.kit.forms import PortalForm
from rfp.publishing.models import Solicitation

STATUS = Solicitation.FinalStatus


class EndForm(PortalForm):
    submit = "End the RFP"

    status = forms.ChoiceField(
        label="How does it end?",
        choices=[
            (STATUS.CANCELLED.value, "Canceled: it takes no more proposals, and none is selected"),
            (STATUS.UNSUCCESSFUL.value, "Unsuccessful: it ends without an award"),
            (STATUS.COMPLETE.value, "Complete: all windows have closed, and all is decided"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        help_text="Public. Every supplier with a proposal or a draft gets it in a letter.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
