"""Every way in: HTTP, pages, command line."""
