"""The words of letters: their placeholders, each of a type, and what a letter says unless an RFP changes it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.kit import formats

_NAME = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """`kind` is "text", "proposals" (a count of them) or "moment"."""

    name: str
    kind: str
    says: str


PLACEHOLDERS = {
    each.name: each
    for each in (
        Placeholder(name="company", kind="text", says="The supplier’s legal name"),
        Placeholder(name="proposal", kind="text", says="The proposal’s number"),
        Placeholder(name="title", kind="text", says="The proposal’s title"),
        Placeholder(name="rfp", kind="text", says="The RFP’s number"),
        Placeholder(name="rfp_title", kind="text", says="The RFP’s title"),
        Placeholder(name="lot", kind="text", says="The lot’s code and title"),
        Placeholder(name="buyer", kind="text", says="The buyer"),
        Placeholder(name="received", kind="proposals", says="How many proposals the lot received"),
        Placeholder(name="standstill_until", kind="moment", says="When the standstill period ends"),
    )
}
DEBRIEF = (
    "Sign in to Onshore and open the proposal. Your debrief explains the mark on each criterion.\n\n{buyer}\n"
)
STANDSTILL = "No award in this lot is final before {standstill_until}.\n\n"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A letter with its placeholders still in it."""

    subject: str
    body: str


DEFAULTS = {
    "shortlisted": Words(
        subject="RFP {rfp}: {proposal} is on the shortlist",
        body=(
            "To {company}:\n\n"
            "Your proposal {proposal}, “{title}”, is on the shortlist for lot {lot} of RFP {rfp}, {rfp_title}. "
            "We received {received} for this lot.\n\n"
            "A place on the shortlist is not an award. We’ll contact you about the next step.\n\n" + DEBRIEF
        ),
    ),
    "reserve": Words(
        subject="RFP {rfp}: {proposal} is on the reserve list",
        body=(
            "To {company}:\n\n"
            "Your proposal {proposal}, “{title}”, is on the reserve list for lot {lot} of RFP {rfp}, {rfp_title}. "
            "We received {received} for this lot.\n\n"
            "If a selected supplier withdraws, we offer its place to the reserve list in order of rank. You don’t need "
            "to do anything now.\n\n" + STANDSTILL + DEBRIEF
        ),
    ),
    "not_selected": Words(
        subject="RFP {rfp}: the decision on {proposal}",
        body=(
            "To {company}:\n\n"
            "We did not select your proposal {proposal}, “{title}”, for lot {lot} of RFP {rfp}, {rfp_title}. "
            "We received {received} for this lot. Thank you for the work you put into yours.\n\n"
            + STANDSTILL
            + DEBRIEF
        ),
    ),
    "awarded": Words(
        subject="RFP {rfp}: we intend to award {proposal}",
        body=(
            "To {company}:\n\n"
            "We intend to award lot {lot} of RFP {rfp}, {rfp_title}, to your proposal {proposal}, “{title}”. "
            "We received {received} for this lot.\n\n"
            "The award is not final yet. The standstill period ends {standstill_until}. We’ll contact you after "
            "that.\n\n" + DEBRIEF
        ),
    ),
    "withdrew": Words(
        subject="RFP {rfp}: you withdrew {proposal}",
        body=(
            "To {company}:\n\n"
            "You told us that you give up your place in lot {lot} of RFP {rfp} with proposal {proposal}, “{title}”. "
            "We recorded that. Your place goes to another supplier.\n\n{buyer}\n"
        ),
    ),
}


def problems_in(text: str) -> list[str]:
    """What is wrong with the placeholders of a text, a sentence each."""
    found = [
        f"There is no placeholder {{{name}}}"
        for name in dict.fromkeys(_NAME.findall(text))
        if name not in PLACEHOLDERS
    ]
    if re.search(r"[{}]", _NAME.sub("", text)):
        found.append("A brace has no partner. Write placeholders like {company}")
    return found


def filled(text: str, values: Mapping[str, Any], *, zone: str) -> str:
    """The text with each placeholder's value in its form. Raises KeyError and TypeError for values that don't fit."""
    return _NAME.sub(
        lambda match: shown(PLACEHOLDERS[match.group(1)], values[match.group(1)], zone=zone), text
    )


def shown(placeholder: Placeholder, value: Any, *, zone: str) -> str:
    """One value as the letter shows it."""
    if placeholder.kind == "proposals":
        if not isinstance(value, int):
            raise TypeError(f"{placeholder.name} is a number, not {value!r}")
        return formats.count_of(value, "proposal")
    if placeholder.kind == "moment":
        if not isinstance(value, datetime):
            raise TypeError(f"{placeholder.name} is a moment, not {value!r}")
        return formats.deadline(value, zone)
    if not isinstance(value, str):
        raise TypeError(f"{placeholder.name} is text, not {value!r}")
    # A name with line breaks in it would write lines of its own into the letter.
    return " ".join(value.split())
