"""News that other apps may listen to."""

from django.dispatch import Signal

# Sent with revision_id once an assessment of it is stored and committed.
proposal_assessed = Signal()
