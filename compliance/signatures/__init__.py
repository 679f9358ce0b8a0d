"""The issuer's keys: what is signed with them, and the public documents that name them."""
