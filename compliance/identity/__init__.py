"""Organisations, people, roles and keys; and the Scope that every query takes."""
