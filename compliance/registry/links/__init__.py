"""Who supplies whom: links from a site or a producer group, dated by season."""
