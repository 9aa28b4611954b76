"""Everything the suppliers app stores."""

from suppliers.models.screening import Hit, ListedParty, Snapshot
from suppliers.models.supplier import (
    Certificate,
    FinancialYear,
    Membership,
    Officer,
    Owner,
    Site,
    Supplier,
)

__all__ = [
    "Certificate",
    "FinancialYear",
    "Hit",
    "ListedParty",
    "Membership",
    "Officer",
    "Owner",
    "Site",
    "Snapshot",
    "Supplier",
]
