"""The keys of POS machines, for owners."""
