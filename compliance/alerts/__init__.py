"""Alerts: who is told of what, once, by mail or webhook, and with nobody's name."""
