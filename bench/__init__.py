"""Measures of what Tessera costs, each as a ratio within one run: `make bench`."""
