"""The rules as one RFP uses them: without those it turned off, and with those it made advice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from portal.kit.compliance import Effect, Rule, Verdict


class Use(StrEnum):
    """What an RFP does with a rule."""

    AS_BUILT = ""
    ADVICE = "advisory"
    OFF = "off"


def use_of(rule: Rule[Any], sections_off: Collection[str], uses: Mapping[str, Mapping[str, str]]) -> Use:
    """`uses`: code → {"use", "reason"}. Some rules always stay as they are built."""
    if rule.section and rule.section in sections_off:
        return Use.OFF
    if not rule.may_be_off:
        return Use.AS_BUILT
    return Use(uses.get(rule.code, {}).get("use", ""))


def chosen(
    rules: Iterable[Rule[Any]], sections_off: Collection[str], uses: Mapping[str, Mapping[str, str]]
) -> tuple[Rule[Any], ...]:
    """The rules that run, in their order."""
    found = []
    for rule in rules:
        use = use_of(rule, sections_off, uses)
        if use is not Use.OFF:
            found.append(as_advice(rule) if use is Use.ADVICE else rule)
    return tuple(found)


def as_advice(rule: Rule[Any]) -> Rule[Any]:
    """The same rule, whose findings exclude nobody."""

    def check(facts: Any, params: Any, *, on: date) -> Sequence[Verdict]:
        answer = rule.check(facts, params, on=on)
        verdicts = (answer,) if isinstance(answer, Verdict) else answer
        return [verdict.but(effect=Effect.ADVISORY) for verdict in verdicts]

    check.__doc__ = rule.check.__doc__
    return replace(rule, check=check, effect=Effect.ADVISORY, automatic=None)


def changed(
    rules: Iterable[Rule[Any]], sections_off: Collection[str], uses: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Code → what the RFP does with a rule that is not used as it is built."""
    found = ((rule.code, use_of(rule, sections_off, uses)) for rule in rules)
    return {code: use.value for code, use in found if use is not Use.AS_BUILT}
