"""Signing for the company."""

from django import forms

from portal.kit.forms import PortalForm


class AttestationForm(PortalForm):
    form_tag = False

    signer_name = forms.CharField(label="Your full name", max_length=120)
    signer_title = forms.CharField(label="Your title", max_length=120)
    # The version of the RFP that the page was made for: an addendum in the meantime stops the signature.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    agreed = forms.BooleanField(label="I have read this statement and sign it for the company")

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("auto_id", "%s")
        super().__init__(*args, **kwargs)
