"""In words: what a proposal to an RFP holds, and the rules that the RFP uses otherwise than as built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.kit.compliance import Rule
from rfp.facts import ProposalFacts
from rfp.publishing.models import Solicitation
from rfp.rules import RULEBOOK
from rfp.rules.chosen import Use, chosen, use_of
from rfp.sections import OPTIONAL

WORDS: Mapping[Use, str] = {Use.AS_BUILT: "", Use.ADVICE: "Advice only", Use.OFF: "Off"}


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule in an RFP: what is done with it ("Off"; blank if it is as built), and why."""

    rule: Rule[Any]
    words: str
    why: str


def rule_uses(solicitation: Solicitation) -> list[RuleUse]:
    """Every rule in the order of the rulebook."""
    return [_use(rule, solicitation) for rule in RULEBOOK.rules]


def _use(rule: Rule[Any], solicitation: Solicitation) -> RuleUse:
    use = use_of(rule, solicitation.sections_off, solicitation.rule_uses)
    if rule.section in solicitation.sections_off:
        why = f"This RFP doesn’t ask for “{section_title(rule.section)}”."
    else:
        why = solicitation.rule_uses.get(rule.code, {}).get("reason", "")
    return RuleUse(rule, WORDS[use], why if use else "")


def section_title(key: str) -> str:
    """The title of an optional section."""
    return next(each.title for each in OPTIONAL if each.key == key)


def section_titles(solicitation: Solicitation) -> list[str]:
    """The optional sections that are asked for."""
    return [each.title for each in OPTIONAL if solicitation.asks_for(each.key)]


def asked_context(solicitation: Solicitation) -> dict[str, Any]:
    """For the public page: sections asked for, and the rules that the RFP itself changed. No query."""
    return {
        "sections_asked": [each for each in OPTIONAL if solicitation.asks_for(each.key)],
        "rules_changed": [
            each
            for each in rule_uses(solicitation)
            if each.words and each.rule.section not in solicitation.sections_off
        ],
    }


def rules_of(solicitation: Solicitation) -> tuple[Rule[ProposalFacts], ...]:
    """The rules that its proposals are checked against."""
    return chosen(RULEBOOK.rules, solicitation.sections_off, solicitation.rule_uses)
