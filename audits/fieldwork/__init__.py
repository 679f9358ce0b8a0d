"""Fieldwork: who visits which site by when, and what travels with them."""
