"""Everything the suppliers app stores."""

from suppliers.models.screening import Alert, Disposition, Hit, ListedParty, ScreeningRun, Snapshot
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
    "Alert",
    "Certificate",
    "Disposition",
    "FinancialYear",
    "Hit",
    "ListedParty",
    "Membership",
    "Officer",
    "Owner",
    "ScreeningRun",
    "Site",
    "Snapshot",
    "Supplier",
]
