"""One of several contributions to a gradient: where it is kept until they are added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nntui.engine.tensor import Storage


@dataclass(frozen=True)
class Contribution:
    """How one of several contributions to a gradient is kept, and how they are added up.

    Attributes:
        label: the end of its name; empty for its number.
        mark: goes with its symbol.
        storage: where it lives; None for memory of its own.
        total: the kind of op that adds up, and its attributes.
    """

    label: str = ""
    mark: str = ""
    storage: Storage | None = None
    total: str = "sum_grad"
    attributes: Mapping[str, Any] = field(default_factory=dict)
