"""What a run of the benches was asked to do."""

from dataclasses import dataclass

DATABASES = ("postgresql", "sqlite")
NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


@dataclass(frozen=True, kw_only=True)
class Options:
    """How long, how often, how many, on what."""

    seconds: int = 10
    rounds: int = 3
    connections: int = 64
    rows: int = 100_000
    databases: tuple[str, ...] = DATABASES
    sizes: tuple[int, ...] = (10_000, 1_000_000)
    repeats: int = 20_000
