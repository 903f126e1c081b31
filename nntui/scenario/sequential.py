"""A network of layers as a file writes it: `[[layers]]` and `[training]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

from nntui.engine.layers import Layer
from nntui.engine.model import Dataset, Model, Training
from nntui.engine.models.sequential import Sequential
from nntui.scenario.data import held_back, split
from nntui.scenario.form import TWO_PLAYERS, Given
from nntui.scenario.kinds import describe
from nntui.scenario.layers import read_layers
from nntui.scenario.loaded import Loaded
from nntui.scenario.network import check_batch, check_optimizer, walk
from nntui.scenario.options import read
from nntui.scenario.report import Place
from nntui.scenario.targets import fit_targets
from nntui.scenario.tokens import fit_tokens


@final
class SequentialForm:
    """The form of `Sequential`."""

    needs: ClassVar[tuple[str, ...]] = ("layers", "training")
    takes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tables: dict[str, Any], root: Place) -> None:
        self._root = root
        self.owners: Sequence[str] = []
        self._layers: list[Layer | None] = []
        if "layers" in tables:
            self.owners, self._layers = read_layers(tables["layers"], root.at("layers"))
        self._training = _read_training(tables, root.at("training"))

    def fit(self, given: Given) -> tuple[Model, Dataset] | None:
        """Model and data, known to go together; None after a reported problem."""
        fitted = fit_tokens(given.loaded, self._layers, self._root)
        if fitted is None:
            return None
        loaded, layers = fitted
        data = self._fit_data(given, loaded, layers)
        if data is None or self._training is None:
            return None
        kept = tuple(layer for layer in layers if layer)
        model = Sequential(layers=kept, training=self._training, seed=given.seed, dtype=given.dtype)
        return model, data

    def _fit_data(self, given: Given, loaded: Loaded, layers: list[Layer | None]) -> Dataset | None:
        """The data of the run, once data, network and training are known to go together."""
        root, common, training = self._root, given.common, self._training
        way = walk(layers, loaded.x.shape[1:], root.at("layers"), given.dtype)
        held = held_back(len(loaded), common, root.at("data"))
        if way is None or not layers or training is None:
            return None
        check_batch(layers, way, len(loaded) - held, training.batch_size, root)
        readable = [layer for layer in layers if layer]
        targets = fit_targets(loaded, training.loss, readable, way.shapes, root)
        if targets is None:
            return None
        return split(loaded, targets, common, held, given.seed)


def _read_training(tables: dict[str, Any], place: Place) -> Training | None:
    table = tables.get("training")
    if not isinstance(table, dict):
        if "training" in tables:
            place.refuse(f"expected one table [training], got {describe(table)}")
        return None
    if table.get("loss") == TWO_PLAYERS:
        place.at("loss").refuse(
            f"{TWO_PLAYERS} is the loss of two players: write [generator] and [discriminator], "
            "each with layers of its own, in the place of [[layers]]"
        )
        return None
    training = read(Training, {"optimizer": "sgd", **table}, place)
    if training:
        check_optimizer(training.optimizer, place.at("optimizer"))
    return training
