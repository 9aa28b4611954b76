"""Signing by typing one's own name: the one comparison, and the field that every signed form shares."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms


def same_name(typed: str, name: str) -> bool:
    """Whether a typed signature is the name, whatever its spaces, capitals and way of writing an accent."""
    return _plain(typed) == _plain(name)


def wrong_name(name: str) -> str:
    """What somebody reads who typed another name."""
    return f"The signature must match your name: {name}"


class SignatureField(forms.CharField):
    """A typed name. It must be the one of the account, and cleans to how the account has it."""

    own_name = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "Your full name, as your signature", "max_length": 120, **kwargs})

    def clean(self, value: Any) -> str:
        if not same_name(super().clean(value), self.own_name):
            raise forms.ValidationError(wrong_name(self.own_name))
        return self.own_name


def ask_signature(form: forms.BaseForm, name: str, *, field: str = "signed_name") -> None:
    """Say in the form whose signature it takes."""
    signature = form.fields[field]
    assert isinstance(signature, SignatureField), field
    signature.own_name = name
    signature.help_text = f"Type it exactly as it appears on your account: {name}."


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
