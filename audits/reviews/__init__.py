"""Reviews: what becomes of an audit once its answers are in, until it is final."""
