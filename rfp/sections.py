"""The sections of a proposal that an RFP may leave out. What is offered, answers and documents are always asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptionalSection:
    """A section under its `key`; `about` says in one line what a supplier gives in it.

    `answers` are the words of `Requirement.AnsweredBy` for requirements that it answers.
    """

    key: str
    title: str
    about: str
    answers: tuple[str, ...] = ()


OPTIONAL = (
    OptionalSection(
        "making", "Site and steps", "Where it is made, and in which steps.", ("site", "process_steps")
    ),
    OptionalSection("statements", "In your words", "A text for each criterion that reviewers mark."),
    OptionalSection("bom", "Bill of materials", "Parts, costs and origins, for domestic content."),
    OptionalSection(
        "capacity",
        "Capacity and ramp",
        "What the site can make, lead time, dates and a ramp by quarter. Without it, a delivery plan by year.",
        ("capacity", "ramp", "lead_time", "start_of_production"),
    ),
    OptionalSection("jobs", "Jobs and investment", "Jobs by state, wages and the investment.", ("jobs",)),
    OptionalSection("price", "Price", "Unit prices by year, and other costs."),
)
KEYS = tuple(each.key for each in OPTIONAL)
