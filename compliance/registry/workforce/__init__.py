"""Who works at a site in a season, counted: no person, and no papers, ever."""
