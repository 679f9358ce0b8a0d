"""Sampling: a draw from a supply base that anybody can run again."""
