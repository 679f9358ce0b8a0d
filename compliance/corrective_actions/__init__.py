"""Corrective actions: the plan that removes a cause, its evidence, its verification."""
