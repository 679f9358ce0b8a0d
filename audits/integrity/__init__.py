"""Integrity signals: what in a visit asks for a second look, and why."""
