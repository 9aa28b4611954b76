"""Tables the rules look things up in: places, countries, industry codes. Pure."""
