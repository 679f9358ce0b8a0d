"""Certificates of sites and of producer groups, and what they are worth on a day."""
