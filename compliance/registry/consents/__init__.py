"""Consents: who may see what of a site, for how long, given and taken back."""
