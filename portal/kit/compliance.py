"""The rules engine: rules in, findings out. Pure: no framework, no clock, no database.

A rule is a function of facts, parameters and the assessment date, and answers with one Verdict or several
(parts: a year, a requirement, a certificate). The engine adds what the rule declares about itself and
returns Findings.

    @rule("FA-1", title="Site in the United States", basis="Solicitation 4.1", params=SiteParams)
    def site_in_the_united_states(facts: ProposalFacts, params: SiteParams, *, on: date) -> Verdict:
        if ...:
            return met("Lancaster, OH 43130")
        return not_met("ZIP code 43215 belongs to OH, not TX.", fix="Correct the ZIP code or the state.")

Whatever is true of a rule stands in its declaration. Others ask the rule or the rulebook, and never write a code or
a number's name as a string: a name that is not declared fails where it is asked for, at import.

Sealing: a finding has one envelope. Before its envelope is opened a buyer may read `sealed(finding)` only:
the outcome, no message, no numbers. A rule that knows both shares and amounts answers with two parts, the
amounts in one whose envelope is PRICE; so no text ever mixes the two.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import PurePath
from traceback import extract_tb
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar

from portal.kit.codec import canonical, dump
from portal.kit.parameters import check_declaration, params_to_json

log = logging.getLogger(__name__)

# A rule that reads a narrow view of its subject serves every wider one.
Facts = TypeVar("Facts", contravariant=True)
Wider = TypeVar("Wider")


class Outcome(StrEnum):
    """What a rule found. Missing input, a stale list and a crash are `refer`: a person decides."""

    MET = "met"
    NOT_MET = "not_met"
    REFER = "refer"
    NOT_APPLICABLE = "not_applicable"


class Effect(StrEnum):
    """What a `not_met` does: a knock-out waits for a person's confirmation, advice does not exclude."""

    KNOCKOUT = "knockout"
    ADVISORY = "advisory"


class Audience(StrEnum):
    """The least privileged reader: `supplier` means everyone, `chair` means chairs and officers only."""

    SUPPLIER = "supplier"
    BUYER = "buyer"
    CHAIR = "chair"


class Envelope(StrEnum):
    """Which opening makes the content readable to buyers."""

    TECHNICAL = "technical"
    PRICE = "price"


_RANK = {Audience.SUPPLIER: 0, Audience.BUYER: 1, Audience.CHAIR: 2}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule's outcome for one part of the subject; what is stored and shown."""

    rule: str
    part: str
    outcome: Outcome
    effect: Effect
    audience: Audience
    envelope: Envelope
    title: str
    message: str
    fix: str
    basis: str
    legal_effect: str
    numbers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule's bare answer. What is None is taken from the rule's declaration."""

    outcome: Outcome
    message: str
    part: str = ""
    fix: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    effect: Effect | None = None
    audience: Audience | None = None
    envelope: Envelope | None = None
    basis: str | None = None

    def but(self, **changes: Any) -> "Verdict":
        """The same answer with, say, another effect: `not_met(...).but(effect=Effect.KNOCKOUT)`."""
        return replace(self, **changes)


Answer: TypeAlias = Verdict | Sequence[Verdict]
Check: TypeAlias = Callable[..., Answer]
Number: TypeAlias = Decimal | int | str | date | bool
Numbers: TypeAlias = Mapping[str, Number]
NONE: Numbers = MappingProxyType({})


def met(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """The line was reached."""
    return Verdict(outcome=Outcome.MET, message=message, part=part, fix=fix, numbers=_texts(numbers))


def not_met(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """The line was not reached; `fix` says what would reach it."""
    return Verdict(outcome=Outcome.NOT_MET, message=message, part=part, fix=fix, numbers=_texts(numbers))


def refer(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """A person decides: input is missing, in doubt or near the line."""
    return Verdict(outcome=Outcome.REFER, message=message, part=part, fix=fix, numbers=_texts(numbers))


def not_applicable(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """The rule does not concern this subject."""
    return met(message, part=part, fix=fix, numbers=numbers).but(outcome=Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class NoParams:
    """For rules with nothing to set."""


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[Facts]):
    """A check and what it declares about itself.

    `answered_in` is the slug of the profile section that answers it, blank where none does. `section` is the key of the
    section of a proposal that it reads (rfp/sections.py); where an RFP leaves that out, the rule doesn't run.
    `waivable`: an officer may exempt from it, and set its findings aside. `optional`: an RFP may turn it off, if it is
    waivable too. `automatic` has the numbers of a `not_met` knock-out that
    excludes without a person's word: none of them means every one, None means no such finding. `numbers` are the
    names of the numbers that its findings may hold; None where these are named after the facts, so that nobody can
    ask for one. `markable` are those that a criterion may be computed from: name → words.
    """

    code: str
    title: str
    basis: str
    effect: Effect
    audience: Audience
    envelope: Envelope
    legal_effect: str
    params: type[Any]
    check: Check
    answered_in: str = ""
    section: str = ""
    waivable: bool = True
    optional: bool = True
    automatic: Mapping[str, str] | None = None
    numbers: tuple[str, ...] | None = ()
    markable: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_declaration(self.params)
        for name in (*(self.automatic or ()), *self.markable):
            self.number(name)

    @property
    def may_be_off(self) -> bool:
        """Whether an RFP may turn it off or make it advice."""
        return self.optional and self.waivable

    def number(self, name: str) -> str:
        """The name, for reading a finding's numbers. Raises UnknownNumber where the rule does not declare it."""
        if name not in (self.numbers or ()):
            raise UnknownNumber(f"{self.code} does not publish a number called {name}.")
        return name

    def key(self, name: str) -> str:
        """What a number is called among all rules' numbers: "DC-2.lo_pct". Raises UnknownNumber."""
        return f"{self.code}.{self.number(name)}"

    @property
    def description(self) -> str:
        """The rule in one paragraph, for the public list of rules: the check's docstring."""
        return " ".join((self.check.__doc__ or "").split())

    def findings(self, facts: Facts, params: Any, *, on: date) -> tuple[Finding, ...]:
        """Run the check. Raises whatever it raises, ValueError when two answers name the same part, and UnknownNumber
        when one has a number that the rule does not declare.
        """
        answer = self.check(facts, params, on=on)
        verdicts = (answer,) if isinstance(answer, Verdict) else tuple(answer)
        if len({verdict.part for verdict in verdicts}) != len(verdicts):
            raise ValueError(f"{self.code} answered twice for one part")
        return tuple(self._finding(verdict) for verdict in verdicts)

    def seen_from(self, subject: Callable[[Wider], Facts]) -> "Rule[Wider]":
        """The same rule over wider facts: `UEI.seen_from(lambda proposal: proposal.supplier)`."""
        inner = self.check

        def check(facts: Wider, params: Any, *, on: date) -> Answer:
            return inner(subject(facts), params, on=on)

        check.__doc__ = inner.__doc__
        return Rule(**{**{f.name: getattr(self, f.name) for f in fields(self)}, "check": check})

    def _finding(self, verdict: Verdict) -> Finding:
        if self.numbers is not None:
            for name in verdict.numbers:
                self.number(name)
        return Finding(
            rule=self.code,
            part=verdict.part,
            outcome=verdict.outcome,
            effect=verdict.effect or self.effect,
            audience=verdict.audience or self.audience,
            envelope=verdict.envelope or self.envelope,
            title=verdict.title or self.title,
            message=verdict.message,
            fix=verdict.fix,
            basis=verdict.basis or self.basis,
            legal_effect=self.legal_effect,
            numbers=dict(verdict.numbers),
        )


def rule(
    code: str,
    *,
    title: str,
    basis: str,
    effect: Effect = Effect.ADVISORY,
    audience: Audience = Audience.SUPPLIER,
    envelope: Envelope = Envelope.TECHNICAL,
    legal_effect: str = "Guideline: not legally binding on a private buyer.",
    params: type[Any] = NoParams,
    answered_in: str = "",
    section: str = "",
    waivable: bool = True,
    optional: bool = True,
    automatic: bool | Numbers = False,
    numbers: Sequence[str] | None = (),
    markable: Mapping[str, str] = MappingProxyType({}),
) -> Callable[[Check], Rule[Any]]:
    """Declare a rule; the words are those of `Rule`. `params` is a frozen dataclass whose defaults an administrator
    may change. `automatic` is yes, no, or the numbers of the findings that are.

    Raises ValueError for a declaration that contradicts itself.
    """
    excludes = _texts({} if automatic is True else automatic) if automatic is not False else None

    def declare(check: Check) -> Rule[Any]:
        return Rule(
            code=code,
            title=title,
            basis=basis,
            effect=effect,
            audience=audience,
            envelope=envelope,
            legal_effect=legal_effect,
            params=params,
            check=check,
            answered_in=answered_in,
            section=section,
            waivable=waivable,
            optional=optional,
            automatic=excludes,
            numbers=None if numbers is None else tuple(numbers),
            markable=dict(markable),
        )

    return declare


@dataclass(frozen=True)
class Rulebook(Generic[Facts]):
    """A dated, ordered set of rules. Raise the version when a rule's meaning changes."""

    version: str
    rules: tuple[Rule[Facts], ...]

    def __post_init__(self) -> None:
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) != len(codes):
            raise ValueError("A rulebook can name each rule only once.")

    def __getitem__(self, code: str) -> Rule[Facts]:
        return {rule.code: rule for rule in self.rules}[code]

    @cached_property
    def never_waived(self) -> frozenset[str]:
        """Codes of the rules that nobody is exempted from."""
        return frozenset(rule.code for rule in self.rules if not rule.waivable)

    @cached_property
    def markable(self) -> tuple[tuple[str, str], ...]:
        """(key, words with the rule's code) of every number that a criterion may be computed from."""
        marks = ((rule, name, words) for rule in self.rules for name, words in rule.markable.items())
        return tuple((rule.key(name), f"{words} ({rule.code})") for rule, name, words in marks)


class UnknownNumber(LookupError):
    """Somebody asks a rule for a number, or a rule gives one, that it does not declare."""


def distinct(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Parts made different by a count, in order: "C-1", "C-1 #2"."""
    named: dict[str, Verdict] = {}
    for verdict in verdicts:
        part, count = verdict.part, 1
        while part in named:
            count += 1
            part = f"{verdict.part} #{count}"
        named[part] = verdict.but(part=part)
    return list(named.values())


def assess(
    rules: Sequence[Rule[Facts]], facts: Facts, params: Mapping[str, Any], *, on: date
) -> tuple[Finding, ...]:
    """Every rule's findings, in the order of the rules. A rule that crashes is referred to a person."""
    found: list[Finding] = []
    for each in rules:
        try:
            found.extend(each.findings(facts, params[each.code], on=on))
        except Exception as error:
            # The exception's text may hold sealed figures or names: only its kind and place are logged.
            log.error(
                "rule %s could not be computed: %s at %s", each.code, type(error).__name__, _place(error)
            )
            found.append(each._finding(refer("We couldn’t calculate this. A person will review it.")))
    return tuple(found)


def input_hash(
    rulebook: Rulebook[Any],
    facts: Any,
    params: Mapping[str, Any],
    on: date,
    lists: Mapping[str, str],
    uses: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """SHA-256 (hex) over all that decides an assessment: rulebook version, facts, parameters, date, list
    snapshots, and the rules that are used otherwise than as built.

    It covers sealed content, so it is not shown to buyers before every envelope is open.
    """
    subject = {
        "rulebook": rulebook.version,
        "facts": dump(facts),
        "params": params_to_json(params),
        "on": on.isoformat(),
        "lists": dict(lists),
    }
    if uses:
        subject["uses"] = dict(uses)
    return hashlib.sha256(canonical(subject).encode()).hexdigest()


def may_read(reader: Audience, finding_audience: Audience) -> bool:
    """Whether a reader of this standing sees a finding made for that audience."""
    return _RANK[Audience(reader)] >= _RANK[Audience(finding_audience)]


def sealed(finding: Finding) -> Finding:
    """What a buyer reads while the finding's envelope is closed: the outcome, without words or numbers."""
    return replace(finding, message="", fix="", numbers={})


def _texts(numbers: Numbers) -> dict[str, str]:
    return {name: _text(value) for name, value in numbers.items()}


def _text(value: Number) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _place(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
