"""What every form shares."""

from __future__ import annotations

import pytest
from django import forms

from portal.kit.forms import PortalForm


class Yield(PortalForm):
    share = forms.DecimalField(label="First-pass yield, %", max_digits=5, decimal_places=2)
    count = forms.IntegerField(label="Lines at 100 %s")


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "a", ""])
def test_a_percent_sign_in_a_label_breaks_no_message(odd: str) -> None:
    form = Yield({"share": odd, "count": odd})
    said = [str(text) for errors in form.errors.values() for text in errors]
    assert len(said) == 2
    assert said[0].startswith("First-pass yield, %") and said[1].startswith("Lines at 100 %s")


def test_a_label_and_a_help_text_set_later_are_shown() -> None:
    class Late(PortalForm):
        name = forms.CharField(label="Name")

        def __init__(self) -> None:
            super().__init__()
            self.fields["name"].label, self.fields["name"].help_text = "Your name", "As on your account."

    form = Late()
    assert (form["name"].label, form["name"].help_text) == ("Your name", "As on your account.")
