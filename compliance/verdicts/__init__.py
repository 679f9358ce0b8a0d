"""What each rule said of each site, on which day, by which edition of the book."""
