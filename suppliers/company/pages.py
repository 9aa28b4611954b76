"""What a company's own pages show besides its rows: what is signed, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from suppliers.company.models import Attestation, Supplier
from suppliers.reference.attestation_texts import TEXTS, AttestationText


@dataclass(frozen=True)
class Signed:
    """A statement in force and the signature under it: current, under an older wording, or none."""

    text: AttestationText
    row: Attestation | None

    @property
    def is_current(self) -> bool:
        return self.row is not None and self.row.version == self.text.version


@dataclass(frozen=True)
class Gap:
    """Something that must be there before a qualification is handed in, and where it is filled in."""

    name: str
    url: str


def signatures(supplier: Supplier) -> list[Signed]:
    """Every statement in force with the latest signature under it."""
    latest = {row.code: row for row in supplier.attestations.order_by("id")}
    return [Signed(text, latest.get(text.code)) for text in TEXTS]
