"""When a commodity is harvested where, and which season a day belongs to."""
