"""News of the portal that the apps above may listen to."""

from django.dispatch import Signal

# Sent with user, event (the audit's number), words (one sentence) and at, in the transaction in which a staff account
# got another name, role or address, or was turned on or off.
staff_changed = Signal()
