"""Questions that suppliers ask privately about an RFP, and answers that everyone reads at the same moment."""
