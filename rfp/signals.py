"""News that other apps may listen to."""

from django.dispatch import Signal

# Sent with solicitation_id and at in the transaction in which an RFP is published.
solicitation_published = Signal()
# Sent with revision_id in the transaction in which a supplier submits a proposal.
revision_received = Signal()
# Sent with old and new, their ids, in the transaction in which a revision is received again with what was missing.
revision_repeated = Signal()
# Sent with revision_id and lines, their number, in the transaction in which a draft gets another bill of materials.
bom_replaced = Signal()
# Sent with revision_id once an assessment of it is stored and committed.
proposal_assessed = Signal()
# solicitation_id, user_id: a receiver answers whether the person sits on the RFP's panel.
asks_who_reviews = Signal()
# A receiver answers the seats on panels: rows with solicitation and user.
asks_for_seats = Signal()
# solicitation_id: a receiver answers (seats on its panel, whether one of them is the chair's).
asks_for_the_panel = Signal()
# Sent with window_id in the transaction in which two people open a technical envelope of it, for some lots or all.
technical_opened = Signal()
