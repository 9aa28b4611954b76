"""Background work on suppliers. A task carries an id across, nothing more."""

from __future__ import annotations

from portal.jobs import job
from suppliers import list_previews, namesakes, previews, qualifying, rescreening


@job("bulk")
def rescreen(run_id: int) -> None:
    """Screen everybody again after a list changed; a run that was cut off goes on where it was."""
    rescreening.run(run_id)


@job("assess")
def assess_supplier(supplier_id: int) -> None:
    """Bring every standing of a supplier up to date."""
    qualifying.assess_supplier(supplier_id)


@job("bulk")
def look_for_namesakes(supplier_id: int) -> None:
    """Ask the owners of companies that look like a new one."""
    namesakes.ask_owners(supplier_id)


@job("bulk")
def preview_settings(settings_id: int) -> None:
    """Work out whose standing other settings would change."""
    previews.run(settings_id)


@job("bulk")
def preview_list(preview_id: int) -> None:
    """Work out what activating a list would change; one that was cut off goes on where it was."""
    list_previews.run(preview_id)
