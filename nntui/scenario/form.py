"""`Form`: a kind of model as a file writes it down, in tables of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from nntui.engine.model import Dataset, Model
from nntui.scenario.data import Common
from nntui.scenario.loaded import Loaded
from nntui.scenario.report import Place

TWO_PLAYERS: Final = "gan"
"""What a file calls the losses of a generator and a discriminator."""


@dataclass(frozen=True)
class Given:
    """What a file says beside the tables of its form.

    Attributes:
        common: what `[data]` says for every source.
        loaded: the rows of `[data]`.
    """

    common: Common
    loaded: Loaded
    seed: int
    dtype: str


class Form(Protocol):
    """The tables of a file that say what is trained and how.

    Args:
        tables: the whole file; those of the form are read, and their problems reported.

    Attributes:
        needs: tables that there have to be.
        takes: tables that there may be.
        owners: what tensors can belong to ("hidden"), in the order of the file; as far as is known.
    """

    needs: ClassVar[tuple[str, ...]]
    takes: ClassVar[tuple[str, ...]]
    owners: Sequence[str]

    def __init__(self, tables: dict[str, Any], root: Place) -> None: ...

    def fit(self, given: Given) -> tuple[Model, Dataset] | None:
        """Model and data, known to go together; None after a reported problem."""
