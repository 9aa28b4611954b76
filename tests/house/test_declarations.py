"""What rules say about themselves names what there is."""

import pytest

from rfp.rules import RULEBOOK
from scoring.decisions import evidence
from suppliers.qualification import pages
from suppliers.rules import QUALIFICATION


@pytest.mark.parametrize("rule", QUALIFICATION.rules, ids=lambda rule: rule.code)
def test_a_rule_about_suppliers_is_answered_in_a_section_of_the_profile(rule):
    """Only screening, which officers decide, is answered by nobody."""
    assert rule.answered_in in pages.SECTIONS or (rule.answered_in == "" and not rule.waivable)


@pytest.mark.parametrize("rule", RULEBOOK.rules, ids=lambda rule: rule.code)
def test_a_rule_about_proposals_is_answered_in_a_part_of_the_proposal_or_in_the_profile(rule):
    assert rule.answered_in in {"", *evidence.PART_WORDS, *pages.SECTIONS}


def test_screening_is_never_waived():
    """Alerts are decided with their evidence, by two officers where it matters."""
    assert QUALIFICATION.never_waived == {"SC-1", "SC-2", "SC-3", "SC-4", "SC-7", "SC-9"}


def test_what_excludes_without_a_person():
    automatic = {rule.code: rule.automatic for rule in RULEBOOK.rules if rule.automatic is not None}
    assert automatic == {"AT-4": {}, "AT-2": {"opens": "false"}}
