"""The POS API, /api/v1/: POS machines look up, verify, use and undo, and tell what they did without a network."""
