"""Checklists: versioned questionnaires, each question of which answers one fact."""
