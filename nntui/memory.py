"""The option `--memory`: how much going back may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from nntui.errors import UsageError

if TYPE_CHECKING:
    from nntui.session.session import Session

_MOST: Final = 1 << 16
"""MiB that can be asked for."""


def memory_option(command: Callable[..., None]) -> Callable[..., None]:
    """How much going back may take."""
    return click.option(
        "--memory",
        type=click.IntRange(min=1, max=_MOST),
        metavar="MIB",
        help="Memory for the checkpoints that going back starts from, all branches together (64).",
    )(command)


def budget(memory: int | None) -> int:
    """Bytes for going back."""
    from nntui.session.history import DEFAULT_BUDGET

    return DEFAULT_BUDGET if memory is None else memory << 20


def check_memory(session: Session, memory: int | None) -> None:
    """Refuse less than a few checkpoints of this network take."""
    least = -(-session.timeline.budget.least >> 20)
    if memory is not None and memory < least:
        raise UsageError(
            f"--memory {memory} is too little for this network, whose states are large: "
            f"give it {least} or more"
        )
