"""Editions of the rule book: kept byte for byte, published, and in force one at a time."""
