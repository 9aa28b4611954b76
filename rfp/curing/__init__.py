"""After the close: what the buyer asks a supplier about its own proposal, and what is missing and may be answered."""
