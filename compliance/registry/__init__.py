"""Producers, mills and their sites, who they are elsewhere, and who supplies whom."""
