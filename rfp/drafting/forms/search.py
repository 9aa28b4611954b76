"""The search for one's own proposals."""

from django import forms

from portal.kit.forms import PortalForm


class ProposalSearch(PortalForm):
    form_tag = False
    says_nothing_optional = True

    q = forms.CharField(label="Search", required=False, max_length=100)
