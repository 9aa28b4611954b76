"""Every error is beside its field; no inline style, script or handler."""

import re

import pytest

from tests.portal import gallery


def test_a_page_has_no_inline_style_script_or_handler(kit_page):
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", kit_page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", kit_page))


def test_the_error_summary_links_to_the_fields_and_repeats_their_words(kit_page):
    summary = kit_page[kit_page.index('class="error-summary') :]
    summary = summary[: summary.index("</ul>")]
    assert "Five answers to fix" in summary
    assert "<li>The address does not hold together</li>" in summary
    assert '<a href="#id_zip_code">ZIP 43215 belongs to Ohio, not Texas</a>' in summary
    assert '<a href="#div_id_owned">Answer “Who owns it?”</a>' in summary
    assert 'id="div_id_owned"' in kit_page


def test_a_wrong_field_is_tied_to_its_error_and_help(kit_page):
    field = re.search(r'<input[^>]*name="zip_code"[^>]*>', kit_page)[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_zip_code_error"' in field
    assert 'autocomplete="postal-code"' in field
    assert 'id="id_zip_code_error"' in kit_page
    ids = re.findall(r'\sid="([^"]+)"', kit_page)
    described = re.findall(r'aria-describedby="([^"]+)"', kit_page)
    assert {target for text in described for target in text.split()} <= set(ids)
    assert len(ids) == len(set(ids)), "each id stands once"


@pytest.mark.parametrize(
    ("typed", "cost"),
    [("12,000", 12000), ("1,234,567.50", 1234567.5), (" 7 ", 7), ("1,5", None), ("1,00", None)],
)
def test_only_commas_at_every_third_place_are_taken_out(typed, cost):
    form = gallery.LineForm({"part": "Fan", "cost": typed})
    assert form.is_valid() == (cost is not None)
    assert form.cleaned_data.get("cost") == cost
    assert cost is not None or form.errors["cost"] == ["Cost: use digits only, for example 12.5"]


def test_a_form_keeps_its_own_messages():
    class Own(gallery.PortalForm):
        name = gallery.forms.CharField(error_messages={"required": "Tell us the name"})

    assert Own({}).errors["name"] == ["Tell us the name"]
