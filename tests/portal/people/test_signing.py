"""A signature is one's own name, as typed by a person in a hurry."""

from __future__ import annotations

import pytest
from django import forms

from portal.kit.forms import PortalForm
from portal.people.signing import SignatureField, ask_signature, same_name


class Signed(PortalForm):
    signed_name = SignatureField()

    def __init__(self, name: str, typed: str) -> None:
        super().__init__({"signed_name": typed})
        ask_signature(self, name)


@pytest.mark.parametrize(
    "typed",
    ["José Ångström", "  josé   ångström ", "JOSÉ ÅNGSTRÖM", "Jose\u0301 A\u030angstro\u0308m"],
)
def test_spaces_capitals_and_ways_to_write_an_accent_make_no_difference(typed: str) -> None:
    form = Signed("José Ångström", typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["signed_name"] == "José Ångström", "it is kept as the account has it"


@pytest.mark.parametrize("typed", ["Jose Angstrom", "José", "José Ångström Jr.", "J. Ångström"])
def test_another_name_is_no_signature(typed: str) -> None:
    assert not same_name(typed, "José Ångström")
    form = Signed("José Ångström", typed)
    assert form.errors["signed_name"] == ["The signature must match your name: José Ångström"]
    assert form["signed_name"].value() == typed


def test_no_signature_is_asked_for_by_its_label() -> None:
    form = Signed("Dana", " ")
    assert list(form.errors) == ["signed_name"]
    assert "missing" in form.errors["signed_name"][0]


def test_a_form_signs_for_its_own_reader_alone() -> None:
    Signed("Dana Whitfield", "x")
    field: forms.Field = Signed("Priya Raman", "priya raman").fields["signed_name"]
    assert field.help_text == "Type it exactly as it appears on your account: Priya Raman."
    assert SignatureField().own_name == ""
