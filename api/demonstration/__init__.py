"""The demonstration: an invented supply chain, loaded through the product's own doors."""
