"""From a mark to its value, 0 to 100: by written anchors, or by a straight line between two ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.calculation.figures import printed


class OffTheScale(ValueError):
    """The mark isn't on the scale; the message says what is."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`anchors` maps marks to values; without it, `low` stands for 0 and `high` for 100."""

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(100)
    anchors: Mapping[Fraction, Fraction] | None = None

    def value(self, mark: Fraction) -> Fraction:
        """The value of a mark, 0 to 100. Raises OffTheScale."""
        if self.anchors is not None:
            if mark not in self.anchors:
                known = ", ".join(printed(anchor) for anchor in sorted(self.anchors))
                raise OffTheScale(f"the scale has {known}")
            return self.anchors[mark]
        if not self.low <= mark <= self.high:
            raise OffTheScale(f"the scale goes from {printed(self.low)} to {printed(self.high)}")
        return 100 * (mark - self.low) / (self.high - self.low)
