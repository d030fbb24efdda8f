"""Where LINE's own description of its API lies, when it does."""

from pathlib import Path

SCHEMA = Path(__file__).parents[4] / "shared" / "tools" / "line_schema.py"
