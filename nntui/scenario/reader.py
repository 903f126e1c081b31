"""Reads a scenario file: text to a checked `Scenario`, or to all that is wrong with it.

The sections are read one after the other, each as far as it goes; then data and network are
checked against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from nntui.engine.layers import Layer
from nntui.engine.model import Dataset, Model, Training
from nntui.engine.optimizers import Sgd
from nntui.engine.options import Bounds, Choice
from nntui.errors import UsageError
from nntui.scenario import bundle, document
from nntui.scenario.data import Common, held_back, read_data, split
from nntui.scenario.folder import Folder, reason
from nntui.scenario.kinds import Line, Listing, Prose, describe
from nntui.scenario.layers import read_layers
from nntui.scenario.loaded import Loaded
from nntui.scenario.model import Scenario
from nntui.scenario.network import check_batch, walk
from nntui.scenario.notes import read_notes
from nntui.scenario.options import read
from nntui.scenario.report import Place, Report
from nntui.scenario.targets import fit_targets
from nntui.scenario.text import nearest, quote
from nntui.scenario.tokens import fit_tokens

_SECTIONS: Final = ("data", "layers", "training", "notes")
_EXPRESSIONS: Final = Listing(Line(limit=500, empty=False), most=100)


@dataclass(frozen=True, kw_only=True)
class _Heading:
    """What stands at the top of the file, outside its tables."""

    title: Annotated[str, Line(limit=100, empty=False)]
    about: Annotated[str, Prose()] = ""
    seed: Annotated[int, Bounds(ge=0, lt=2**63)] = 0
    dtype: Annotated[str, Choice("dtype", ("float64", "float32"))] = "float64"
    breakpoints: Annotated[tuple[str, ...], _EXPRESSIONS] = ()
    watches: Annotated[tuple[str, ...], _EXPRESSIONS] = ()


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
        for section in ("data", "layers", "training"):
            if section not in self._table:
                self._root.missing(section)
        names, layers = self._layers()
        training = self._training()
        rows = self._data(heading)
        notes = read_notes(self._table.get("notes", []), self._root.at("notes"), names)
        fitted = rows and fit_tokens(rows[1], layers, self._root)
        layers = fitted[1] if fitted else layers
        data = rows and fitted and self._fit(rows[0], fitted[0], layers, training, heading)
        if heading is None or training is None or not data or self._root.report.count:
            return None
        return Scenario(
            title=heading.title,
            about=heading.about,
            model=Model(
                layers=tuple(layer for layer in layers if layer),
                training=training,
                seed=heading.seed,
                dtype=heading.dtype,
            ),
            data=data,
            notes=notes,
            breakpoints=heading.breakpoints,
            watches=heading.watches,
            origin=origin,
            source=text,
        )

    def _layers(self) -> tuple[list[str], list[Layer | None]]:
        if "layers" not in self._table:
            return [], []
        return read_layers(self._table["layers"], self._root.at("layers"))

    def _training(self) -> Training | None:
        table, place = self._table.get("training"), self._root.at("training")
        if not isinstance(table, dict):
            if "training" in self._table:
                place.refuse(f"expected one table [training], got {describe(table)}")
            return None
        training = read(Training, {"optimizer": "sgd", **table}, place)
        if training and isinstance(training.optimizer, Sgd):
            sgd = training.optimizer
            if sgd.nesterov and not sgd.momentum:
                place.at("optimizer", "nesterov").refuse("needs a momentum above 0")
        return training

    def _data(self, heading: _Heading | None) -> tuple[Common, Loaded] | None:
        if "data" not in self._table:
            return None
        return read_data(
            self._table["data"],
            self._root.at("data"),
            seed=heading.seed if heading else 0,
            dtype=heading.dtype if heading else "float64",
            folder=self._folder,
        )

    def _fit(
        self,
        common: Common,
        loaded: Loaded,
        layers: list[Layer | None],
        training: Training | None,
        heading: _Heading | None,
    ) -> Dataset | None:
        """The data of the run, once data, network and training are known to go together."""
        dtype = heading.dtype if heading else "float64"
        way = walk(layers, loaded.x.shape[1:], self._root.at("layers"), dtype)
        held = held_back(len(loaded), common, self._root.at("data"))
        if way is None or not layers or training is None:
            return None
        check_batch(layers, way, len(loaded) - held, training.batch_size, self._root)
        readable = [layer for layer in layers if layer]
        targets = fit_targets(loaded, training.loss, readable, way.shapes, self._root)
        if targets is None:
            return None
        return split(loaded, targets, common, held, heading.seed if heading else 0)
