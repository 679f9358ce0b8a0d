"""What buyers committed themselves to: price, lead time, co-funding."""
