"""Non-conformities and red flags: raised, answered, decided, closed, seen again."""
