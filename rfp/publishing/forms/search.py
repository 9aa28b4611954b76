"""The search for RFPs."""

from django import forms

from portal.kit.forms import PortalForm


class SolicitationSearch(PortalForm):
    form_tag = False
    says_nothing_optional = True

    q = forms.CharField(label="Search", required=False, max_length=100)
    stage = forms.ChoiceField(
        label="Stage",
        required=False,
        choices=[("", "All"), ("open", "Open for proposals"), ("other", "Not open")],
    )
