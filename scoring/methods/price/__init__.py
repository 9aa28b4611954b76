"""Price methods, one module each: `mark(price) -> Decimal | None`, 0 to 100."""
