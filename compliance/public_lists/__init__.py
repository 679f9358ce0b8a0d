"""Public lists of goods and of excluded companies: editions, entries, matches."""
