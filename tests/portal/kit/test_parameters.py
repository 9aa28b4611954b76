"""What parameters say about themselves, and what they may be."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from portal.kit.parameters import check_declaration, problems, setting, settings_of
from rfp.rules import RULEBOOK
from suppliers.qualification.judging import StandingPolicy
from suppliers.rules import QUALIFICATION


@dataclass(frozen=True, kw_only=True)
class Params:
    near: Decimal = setting(Decimal(25), "Share that triggers a review", unit="%", up_to="far")
    far: Decimal = setting(Decimal(50), "Share that blocks", unit="%", most=100)
    days: tuple[int, ...] = setting((90, 30), "Reminders", least=1, most=365)
    table: tuple[str, ...] = setting((), "Rates", line=r"\d+: \d+", example="33: 2")
    plain_one: int = 3


def test_a_parameter_without_words_is_called_after_itself():
    declared = settings_of(Params)
    assert [about.title for about in declared.values()] == [
        "Share that triggers a review, %",
        "Share that blocks, %",
        "Reminders",
        "Rates",
        "Plain one",
    ]
    assert settings_of(Params()) == declared


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"far": Decimal(101)}, "far", "Enter a number from 0 to 100"),
        ({"near": Decimal(51)}, "near", "Can’t be more than “Share that blocks”, 50"),
        ({"near": Decimal("NaN"), "far": Decimal(1)}, "near", "Enter a number from 0 to 1,000,000,000,000"),
        ({"near": Decimal("0.1234567")}, "near", "Enter at most 6 decimal places"),
        ({"days": (90, 0)}, "days", "Enter a number from 1 to 365"),
        ({"table": ("33: 2", "thirty")}, "table", "“thirty” does not match the format “33: 2”"),
        ({"plain_one": -1}, "plain_one", "Enter a number from 0 to 10,000,000"),
    ],
)
def test_what_a_parameter_may_be_is_read_from_its_declaration(changes, name, words):
    assert problems({"X-1": Params(**changes)})["X-1", name] == words


@dataclass(frozen=True, kw_only=True)
class Beyond:
    share: int = setting(101, "Share", most=100)


@dataclass(frozen=True, kw_only=True)
class Nowhere:
    share: int = setting(1, "Share", up_to="limit")


@dataclass(frozen=True, kw_only=True)
class Bare:
    share: int = field(metadata={"label": "Share"})


@pytest.mark.parametrize("params", [Beyond, Nowhere, Bare])
def test_parameters_that_contradict_themselves_are_refused(params):
    with pytest.raises(ValueError, match="share"):
        check_declaration(params)


def test_a_word_that_no_setting_has_is_refused():
    with pytest.raises(TypeError, match="units"):
        setting(1, "Share", units="%")


def test_every_parameter_of_every_rule_has_words_of_its_own():
    rules = (*RULEBOOK.rules, *QUALIFICATION.rules)
    for params in (*(rule.params for rule in rules), StandingPolicy):
        for name, about in settings_of(params).items():
            assert about.label != name.replace("_", " ").capitalize() or name == "mode", (params, name)
