"""How an RFP is scored: price formulas, aggregates, tie steps and scales, with the words that announce them.

Pure. `scoring.calculation` computes with these same objects.
"""
