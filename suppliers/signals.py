"""News for the apps above: few and named. Sent after commit, so a receiver reads what was decided."""

from django.dispatch import Signal

# supplier_id: an officer decided, or a refresh changed, what screening says of one supplier.
screening_changed = Signal()
# supplier_id, is_new: somebody registered a company, or changed its profile.
profile_changed = Signal()
# No arguments: every supplier has been screened against the newly active lists.
lists_refreshed = Signal()
# supplier_id: a receiver answers whether the supplier takes part in something that is decided now, as far as every
# buyer may know. Sealed proposals do not count.
asks_who_is_weighed = Signal()
# supplier_id: a receiver answers with the names of the makers in the supplier's opened proposals, a list of text.
asks_which_makers = Signal()
