"""News that scoring tells the rooms above. Listeners run in the sender's transaction."""

from django.dispatch import Signal

conflict_named = Signal()
"""A conflict of interest took effect. Arguments: `conflict`, the stored `Conflict`."""
