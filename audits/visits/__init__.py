"""Audits: a visit to a site, planned or not, from the plan to its review."""
