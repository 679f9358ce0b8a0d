"""Risk: inherent, management and outcome, with how sure it is and why."""
