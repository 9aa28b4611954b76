"""The column of a mark."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from scoring.facts import Anchor, as_anchor


class AnchorField(models.DecimalField):
    """A mark as it was given: an int where it is whole, else a Decimal without zeros at its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max_digits": 9, "decimal_places": 3} | kwargs))

    def from_db_value(self, value: Decimal | None, *_: Any) -> Anchor | None:
        return None if value is None else as_anchor(value)
