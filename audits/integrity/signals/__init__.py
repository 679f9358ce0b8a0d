"""The signals, each a pure function in a module of its own."""
