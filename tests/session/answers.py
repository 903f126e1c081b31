"""What a generator comes to, and what it reported on the way."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def answer(work: Generator[float, None, T]) -> T:
    """The result; the reports rise from 0 to 1."""
    last = 0.0
    while True:
        try:
            share = next(work)
        except StopIteration as end:
            return end.value
        assert last <= share <= 1.0 + 1e-12, (last, share)
        last = share
