"""Visits made with other tools: their exports rebuilt as records and taken in."""
