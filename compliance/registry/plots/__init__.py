"""Plots of land: read, checked, measured, and kept for the owner and operator alone."""
