"""Findings come in order, and say what to do."""

from types import SimpleNamespace

import pytest

from portal.kit.compliance import Outcome
from tests.portal import gallery


def test_findings_come_in_order_with_what_is_met_folded():
    text = gallery.render("{% findings items %}", items=[gallery.finding(o) for o in reversed(Outcome)])
    folded = text.index("<details")
    assert text.index('aria-label="Not met"') < text.index('aria-label="A person decides"') < folded
    assert text.count("<details") == 2


def test_what_a_person_accepted_is_folded_apart_and_counted_apart():
    accepted = SimpleNamespace(**vars(gallery.finding(Outcome.REFER)), is_known=True)
    text = gallery.render(
        "{% findings items %}", items=[accepted, gallery.finding(Outcome.REFER), gallery.finding(Outcome.MET)]
    )
    assert text.index('aria-label="A person decides"') < text.index("1 rule: known and accepted")
    assert text.index("1 rule: known and accepted") < text.index("1 rule: met")
    assert text.count("<details") == 2
    assert "nown and accepted" not in gallery.render(
        "{% findings items %}", items=[gallery.finding(Outcome.REFER)]
    )


def test_a_sealed_finding_says_so_and_nothing_else():
    text = gallery.render("{% finding item %}", item=gallery.finding(Outcome.NOT_MET, message="", fix=""))
    assert "Sealed until its envelope opens" in text
    assert "Fix:" not in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.NOT_MET, "Fix: Re-source"),
        (Outcome.REFER, "What helps: Re-source"),
        (Outcome.MET, "Re-source"),
    ],
)
def test_a_finding_says_what_to_do(outcome, words):
    assert f'<p class="fix">{words}' in gallery.render("{% finding item %}", item=gallery.finding(outcome))
