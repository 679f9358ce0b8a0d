"""What a match with a list of excluded companies leads to: a proposal, a decision, a clock."""
