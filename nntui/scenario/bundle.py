"""The scenarios that come with nntui."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from nntui.errors import UsageError
from nntui.scenario.text import nearest, quote

_ENDING: Final = ".toml"

_DATA_TABLE: Final = re.compile(
    r'''^\[data\][^\n]*\n(?:(?![ \t]*\[)(?:[^\n]*"""[\s\S]*?"""[^\n]*|[^\n]*\S[^\n]*)\n)*''',
    re.MULTILINE,
)

_OWN_DATA: Final = """\

# To use your own data, put a CSV file with a header row beside this file, take the # off the lines
# below and delete the [data] above. A column of text to predict holds classes: the last layer of
# a network then needs a unit for each class.
# [data]
# source        = "csv"
# path          = "mine.csv"
# inputs        = ["first column", "second column"]
# outputs       = ["column to predict"]
# test_fraction = 0.2
# shuffle       = true
"""


@dataclass(frozen=True)
class Bundled:
    """A scenario that comes with nntui, by name."""

    name: str
    title: str
    about: str


def bundled() -> tuple[Bundled, ...]:
    """All of them, by name."""
    entries = []
    for path in sorted(_folder().glob(f"*{_ENDING}")):
        heading = tomllib.loads(path.read_text(encoding="utf-8"))
        entries.append(Bundled(path.stem, heading["title"], heading.get("about", "")))
    return tuple(entries)


def find(name: str) -> Path | None:
    """The file of the bundled scenario `name`; None where there is none."""
    if not re.fullmatch(r"\w{1,60}", name):
        return None
    path = _folder() / f"{name}{_ENDING}"
    return path if path.is_file() else None


def starter(name: str = "exam") -> str:
    """The text of a bundled scenario, to start one's own from.

    Beside its data stands how to read a CSV file instead.

    Raises:
        UsageError: there is none of that name.
    """
    path = find(name)
    if path is None:
        names = [entry.name for entry in bundled()]
        near = nearest(name, names)
        hint = f" — did you mean '{near}'?" if near else f" (there are {', '.join(names)})"
        raise UsageError(f"there is no bundled scenario {quote(name)}{hint}")
    return _DATA_TABLE.sub(_add_own_data, path.read_text(encoding="utf-8"), count=1)


def _add_own_data(match: re.Match[str]) -> str:
    return f"{match[0].rstrip()}\n{_OWN_DATA}"


def _folder() -> Path:
    """Inside the package where it is installed, beside it in a checkout."""
    package = Path(str(resources.files("nntui")))
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"
