"""Simplex for a set of authorities, without any input or output of its own."""
