"""The buyer's side of what is asked after the close, and what becomes of marks when something is answered."""
