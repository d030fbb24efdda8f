"""Chance that can be repeated: the same conversation at the same place always draws the same."""

import hashlib
from collections.abc import Sequence


def drawn(weights: Sequence[int], *seed: int) -> int:
    """The index of one of the weights, each as likely as its part of their sum."""
    at = _number(*seed) % sum(weights)
    for index, weight in enumerate(weights):
        if at < weight:
            return index
        at -= weight
    raise AssertionError("the number was below the sum of all the weights")


def in_turn(size: int, count: int, *seed: int) -> int:
    """An index below `size`: which one comes first is chance, then one after the other as `count` grows."""
    return (_number(*seed) + count) % size


def _number(*seed: int) -> int:
    digest = hashlib.blake2b(",".join(map(str, seed)).encode(), digest_size=8).digest()
    return int.from_bytes(digest)
