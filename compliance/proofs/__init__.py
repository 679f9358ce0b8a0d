"""Proofs: trees over the trail, signed heads, and the anchors that hold them true.

`docs/decisions/0008-trail.md` tells how the trees hang together.
"""
