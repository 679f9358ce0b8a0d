"""Competence: what an auditor is qualified for, and until when."""
