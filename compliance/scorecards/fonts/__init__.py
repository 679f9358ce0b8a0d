"""The fonts of the scorecard, and how they were cut."""
