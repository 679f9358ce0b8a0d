"""What is known of each site, and what is being done about it."""
