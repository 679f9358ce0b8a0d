"""Answers → facts → verdicts → findings raised, and the reasons told again when asked."""
