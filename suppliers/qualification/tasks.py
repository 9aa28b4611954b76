"""Background work on standings. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from suppliers.qualification import qualifying
from suppliers.qualification.previews import lists, settings


@job("assess")
def assess_supplier(supplier_id: int) -> None:
    """Bring every standing of a supplier up to date."""
    qualifying.assess_supplier(supplier_id)


@job("bulk")
def preview_settings(settings_id: int) -> None:
    """Work out whose standing other settings would change."""
    settings.run(settings_id)


@job("bulk")
def preview_list(preview_id: int) -> None:
    """Work out what activating a list would change; one that was cut off goes on where it was."""
    lists.run(preview_id)
