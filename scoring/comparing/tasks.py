"""Background work of comparing. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from scoring.comparing import portfolios


@job("bulk")
def compute_portfolio(portfolio_id: int) -> None:
    """Compute one suggested portfolio. Twice changes nothing."""
    portfolios.compute(portfolio_id)
