"""What is published of a site: one dated structure, told as JSON and as PDF."""
