"""Scenario files: TOML to a frozen `Scenario`, with a position for every error.

The list of bundled scenarios needs no NumPy; the rest is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nntui.scenario.bundle import Bundled, bundled, starter

if TYPE_CHECKING:
    from nntui.scenario.model import Note, Scenario
    from nntui.scenario.reader import load, parse

__all__ = ["Bundled", "Note", "Scenario", "bundled", "load", "parse", "starter"]


def __getattr__(name: str) -> Any:
    if name in ("Note", "Scenario"):
        from nntui.scenario import model

        return getattr(model, name)
    if name in ("load", "parse"):
        from nntui.scenario import reader

        return getattr(reader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
