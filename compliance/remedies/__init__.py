"""The remedy ledger: what is owed to how many people, paid when, proven how."""
