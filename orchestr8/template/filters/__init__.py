"""Filters, by theme; each module maps names to functions in NAMES."""
