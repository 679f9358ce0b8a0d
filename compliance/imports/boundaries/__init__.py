"""Where each country roughly is: data, and how they were made."""
