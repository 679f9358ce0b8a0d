"""Policies are data: dated, sourced, and changed by a programme for itself."""
