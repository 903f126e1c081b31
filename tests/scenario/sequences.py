"""A scenario on sequences, put together from its parts."""

from __future__ import annotations

TEXT = """\
title = "t"
[data]
{data}
{layers}
[training]
loss = "{loss}"
"""


def layer(kind: str, **options: object) -> str:
    """A table of `[[layers]]`; options are written as TOML."""
    lines = [f"{key} = {value}" for key, value in options.items()]
    return "\n".join(["[[layers]]", f'type = "{kind}"', *lines])


def dense(units: int, activation: str = "linear") -> str:
    return layer("dense", units=units, activation=f'"{activation}"')


def scenario(data: str, *layers: str, loss: str = "mse") -> str:
    """The text of a file; its `[data]` begins in line 3."""
    return TEXT.format(data=data, layers="\n".join(layers), loss=loss)
