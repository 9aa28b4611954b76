"""The statements a supplier's owner signs, in the wording now in force. Pure.

A change of wording is a change here with the next version; signatures keep the words they were given under, and
are asked for again. The wording is a sample, to be replaced by the buyer's counsel.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class AttestationText:
    """`favourable` is the answer that raises no question."""

    code: str
    version: int
    title: str
    text: str
    favourable: bool = True


TEXTS = (
    AttestationText(
        code="mfa",
        version=1,
        title="Multi-factor sign-in",
        text="Everyone who reaches our systems from outside signs in with a second factor.",
    ),
    AttestationText(
        code="encryption",
        version=1,
        title="Encryption",
        text="We encrypt the buyer’s data when we store it and when we send it.",
    ),
    AttestationText(
        code="incident",
        version=1,
        title="Notice of incidents",
        text="We tell the buyer of a security incident that concerns its data within 72 hours.",
    ),
    AttestationText(
        code="sbom",
        version=1,
        title="Software bill of materials",
        text="For products with software or firmware we deliver a software bill of materials.",
    ),
    AttestationText(
        code="ip",
        version=1,
        title="Intellectual property",
        text="We hold the rights to what we offer and know of no claim against it.",
    ),
    AttestationText(
        code="bribery",
        version=1,
        title="Anti-bribery",
        text="We have a written rule against bribery, train our people in it, and have not broken it.",
    ),
    AttestationText(
        code="labor",
        version=1,
        title="Forced labor",
        text="Neither we nor, as far as we can find out, our suppliers use forced, bonded or child labor.",
    ),
    AttestationText(
        code="conflict",
        version=1,
        title="Conflict of interest",
        text="One of our owners, officers or their families works for the buyer or advises it on this purchase.",
        favourable=False,
    ),
    AttestationText(
        code="889",
        version=1,
        title="Covered telecommunications equipment",
        text="We use equipment or services of Huawei, ZTE, Hytera, Hikvision or Dahua on our premises.",
        favourable=False,
    ),
)


def text_of(code: str) -> AttestationText | None:
    """The text in force under that code, or None."""
    return next((text for text in TEXTS if text.code == code), None)
