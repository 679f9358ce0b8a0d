"""Producer groups and cooperatives: who belongs to which in a season."""
