"""The `flask` commands, one module a noun. Only `app.py` imports them."""
