"""Outlines of countries for the map of a scorecard."""
