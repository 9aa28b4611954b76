"""Screening: official lists into parties, names into tokens, tokens into explained matches. Pure."""
