"""What visits tell of how sure a risk is: gathered for `compliance/risk`."""
