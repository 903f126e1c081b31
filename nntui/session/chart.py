"""`Chart`: what does not change of a self-organizing map: its grid, its features, its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

from nntui.engine.models.som import Som
from nntui.engine.trainer import Trainer

_COLOURS: Final = ("red", "green", "blue")


@final
@dataclass(frozen=True, eq=False)
class Chart:
    """A map's grid, and where to find its numbers.

    Attributes:
        points: where each unit lies in the plane: (down, right), in units of the grid.
        neighbours: of each unit, those next to it.
        features: a name for each.
        labels: names of the classes of the data; empty where it has none.
        weight, difference: tensors with a row for each unit, and a column for each feature.
        on_grid: tensors with a number for each unit: what each is called, and its name.
        best, second: the tensors of places, (row, column).
        rate, radius: the tensors of the learning rate and of the radius.
        samples: the training data, a tuple of features for each row.
        of_class: the class of each row; empty where the data has none.
    """

    rows: int
    cols: int
    topology: str
    points: tuple[tuple[float, float], ...]
    neighbours: tuple[tuple[int, ...], ...]
    features: tuple[str, ...]
    labels: tuple[str, ...]
    weight: str
    difference: str
    on_grid: Mapping[str, str]
    best: str
    second: str
    rate: str
    radius: str
    samples: tuple[tuple[float, ...], ...]
    of_class: tuple[int, ...]

    @property
    def is_hexagonal(self) -> bool:
        """Whether each unit has six neighbours, not eight."""
        return self.topology == "hexagonal"

    @property
    def is_coloured(self) -> bool:
        """Whether a unit's weights are a colour."""
        return self.features == _COLOURS

    @property
    def is_plane(self) -> bool:
        """Whether a unit's weights are a place in a plane."""
        return len(self.features) == 2

    def place(self, unit: int) -> tuple[int, int]:
        """The (row, column) of a unit, from 0."""
        return divmod(unit, self.cols)

    def unit(self, place: tuple[float | None, ...]) -> int | None:
        """The unit at a place; None where that is not known, and the nearest where there is none.

        Args:
            place: as `Frame.row` tells of `best` or `second`.
        """
        if len(place) != 2 or any(k is None or k != k for k in place):
            return None
        row, column = (
            int(min(max(k or 0.0, 0.0), most - 1))
            for k, most in zip(place, (self.rows, self.cols), strict=True)
        )
        return row * self.cols + column


def chart_of(trainer: Trainer) -> Chart | None:
    """The chart of a self-organizing map; None for any other model."""
    model, data = trainer.model, trainer.dataset
    if not isinstance(model, Som):
        return None
    lattice, train = model.lattice, data.train
    units = range(lattice.units)
    return Chart(
        rows=lattice.rows,
        cols=lattice.cols,
        topology=lattice.topology,
        points=tuple(lattice.point(*lattice.place(k)) for k in units),
        neighbours=tuple(map(lattice.neighbours, units)),
        features=data.inputs or tuple(f"x{k + 1}" for k in range(train.x.shape[1])),
        labels=data.classes,
        weight="som.weight",
        difference="som.difference",
        on_grid={"d": "som.distance", "g": "som.grid_distance", "h": "som.neighbourhood"},
        best="som.bmu",
        second="som.second",
        rate="lr",
        radius="som.radius",
        samples=tuple(map(tuple, train.x.tolist())),
        of_class=tuple(train.y.tolist()) if train.y is not None and data.classes else (),
    )
