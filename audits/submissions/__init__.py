"""Submissions: what came back from the field, kept as it came, and the facts in it."""
