"""What people fill in about suppliers."""
