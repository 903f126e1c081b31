"""Reads a scenario file: text to a checked `Scenario`, or to all that is wrong with it.

The sections are read one after the other, each as far as it goes; then data and model are checked
against each other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from nntui.engine.options import Bounds, Choice
from nntui.errors import UsageError
from nntui.scenario import bundle, document
from nntui.scenario.data import read_data
from nntui.scenario.folder import Folder, reason
from nntui.scenario.form import Form, Given
from nntui.scenario.gan import GanForm
from nntui.scenario.kinds import Line, Listing, Prose
from nntui.scenario.model import MOST_WATCHES, Scenario
from nntui.scenario.notes import check_ops, read_notes
from nntui.scenario.options import read
from nntui.scenario.report import Place, Report
from nntui.scenario.sequential import SequentialForm
from nntui.scenario.som import SomForm
from nntui.scenario.text import nearest, quote

FORMS: Final[tuple[type[Form], ...]] = (SequentialForm, GanForm, SomForm)
"""Every form, with the one of a file that tells of none first."""

_COMMON: Final = ("data", "notes")
_SECTIONS: Final = tuple(
    dict.fromkeys(
        section for form in FORMS for section in ("data", *form.needs, *form.takes, "notes")
    )
)
_EXPRESSION: Final = Line(limit=500, empty=False)


@dataclass(frozen=True, kw_only=True)
class _Heading:
    """What stands at the top of the file, outside its tables."""

    title: Annotated[str, Line(limit=100, empty=False)]
    about: Annotated[str, Prose()] = ""
    seed: Annotated[int, Bounds(ge=0, lt=2**63)] = 0
    dtype: Annotated[str, Choice("dtype", ("float64", "float32"))] = "float64"
    breakpoints: Annotated[tuple[str, ...], Listing(_EXPRESSION, most=100)] = ()
    watches: Annotated[tuple[str, ...], Listing(_EXPRESSION, most=MOST_WATCHES)] = ()


def load(name_or_path: str, *, allow_outside: bool = False) -> Scenario:
    """The scenario in a file, or the bundled one of that name.

    A name without a folder and an ending is a bundled one where there is such; `./name` never is.

    Args:
        allow_outside: whether the file may name files outside its folder.

    Raises:
        UsageError: there is no such scenario, or it cannot be read.
        ScenarioError: it breaks the contract.
    """
    path = bundle.find(name_or_path) or Path(name_or_path)
    try:
        with path.open("rb") as file:
            data = file.read(document.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(_unreadable(name_or_path, error)) from None
    return parse(data, origin=name_or_path, folder=path.parent, allow_outside=allow_outside)


def _unreadable(name: str, error: Exception) -> str:
    names = [entry.name for entry in bundle.bundled()]
    near = nearest(name, names) if isinstance(error, FileNotFoundError) else ""
    hint = f" — did you mean '{near}'?" if near else ""
    return f"cannot read the scenario {quote(name)}: {reason(error)}{hint}"


def parse(
    text: str | bytes, *, origin: str, folder: Path | None = None, allow_outside: bool = False
) -> Scenario:
    """The scenario in a text.

    Args:
        origin: what to call it in messages.
        folder: what its paths are relative to; None where it may name no files.
        allow_outside: whether its paths may leave `folder`.

    Raises:
        ScenarioError: it breaks the contract; all its problems at once.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    text = document.decode(data, origin)
    root = Place(Report())
    reading = _Reading(document.parse(text, origin), root, Folder(folder, allow_outside))
    scenario = reading.read(text, origin)
    if scenario is None:
        raise root.report.error(text, origin)
    return scenario


def form_of(table: dict[str, Any]) -> type[Form]:
    """The form of the model that most of a file's tables tell of; layers where none do.

    A table that several forms have tells of none.
    """
    forms = Counter(section for form in FORMS for section in (*form.needs, *form.takes))
    return max(FORMS, key=lambda form: sum(s in table and forms[s] == 1 for s in form.needs))


class _Reading:
    """A document on its way to a scenario."""

    def __init__(self, table: dict[str, Any], root: Place, folder: Folder) -> None:
        self._table = table
        self._root = root
        self._folder = folder

    def read(self, text: str, origin: str) -> Scenario | None:
        """The scenario; None after a reported problem."""
        top = {key: value for key, value in self._table.items() if key not in _SECTIONS}
        heading = read(_Heading, top, self._root, but=_SECTIONS)
        kind = form_of(self._table)
        self._check_sections(kind)
        form = kind(self._table, self._root)
        given = self._data(heading)
        notes = read_notes(self._table.get("notes", []), self._root.at("notes"), form.owners)
        fitted = given and form.fit(given)
        if heading is None or not fitted or self._root.report.count:
            return None
        model, data = fitted
        place = self._root.at("notes")
        if notes and not check_ops(notes, place, model.training_program(data)):
            return None
        return Scenario(
            title=heading.title,
            about=heading.about,
            model=model,
            data=data,
            notes=notes,
            breakpoints=heading.breakpoints,
            watches=heading.watches,
            origin=origin,
            source=text,
        )

    def _check_sections(self, form: type[Form]) -> None:
        """Report tables that are missing, and those of another form."""
        for section in ("data", *form.needs):
            if section not in self._table:
                self._root.missing(section)
        for section in self._table:
            if section in _SECTIONS and section not in (*_COMMON, *form.needs, *form.takes):
                self._root.at(section).refuse(
                    f"does not go with [{form.needs[0]}]: a scenario trains one or the other"
                )

    def _data(self, heading: _Heading | None) -> Given | None:
        if "data" not in self._table:
            return None
        seed, dtype = (heading.seed, heading.dtype) if heading else (0, "float64")
        place = self._root.at("data")
        found = read_data(self._table["data"], place, seed=seed, dtype=dtype, folder=self._folder)
        return found and Given(*found, seed, dtype)
