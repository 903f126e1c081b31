"""Two adversaries as a file writes them: `[generator]`, `[discriminator]` and `[training]`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, final

from nntui.engine.layers import Layer, Shape
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.embedding import Embedding
from nntui.engine.model import LOSSES, Dataset, Model
from nntui.engine.models.gan import (
    DISCRIMINATOR,
    GENERATOR,
    OWN,
    PLAYERS,
    Gan,
    GanTraining,
    Player,
    answering,
)
from nntui.engine.optimizers import Optimizer
from nntui.engine.options import Bounds
from nntui.scenario.data import held_back, split
from nntui.scenario.form import TWO_PLAYERS, Given
from nntui.scenario.kinds import describe
from nntui.scenario.layers import read_layers
from nntui.scenario.network import Walk, check_batch, check_optimizer, walk
from nntui.scenario.options import read
from nntui.scenario.output import Output
from nntui.scenario.report import Place
from nntui.scenario.rows import spell_shape
from nntui.scenario.text import quote

_ANSWERS: Final = ("sigmoid", "linear")
_IMAGE: Final = 3
"""Axes of a sample that is an image."""


@dataclass(frozen=True, kw_only=True)
class _PlayerTable:
    """What `[discriminator]` takes beside its layers."""

    optimizer: Optimizer | None = None
    steps: Annotated[int, Bounds(ge=1, le=100)] = 1


@dataclass(frozen=True, kw_only=True)
class _GeneratorTable(_PlayerTable):
    """What `[generator]` takes beside its layers."""

    latent: Annotated[int, Bounds(ge=1, le=100_000)]


_TABLES: Final[Mapping[str, type[_PlayerTable]]] = {
    GENERATOR: _GeneratorTable,
    DISCRIMINATOR: _PlayerTable,
}


@final
class GanForm:
    """The form of `Gan`."""

    needs: ClassVar[tuple[str, ...]] = (*PLAYERS, "training")
    takes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tables: dict[str, Any], root: Place) -> None:
        self._root = root
        self._layers: dict[str, list[Layer | None]] = {}
        self._tables: dict[str, _PlayerTable | None] = {}
        owners = list(OWN)
        for player in PLAYERS:
            names = self._read_player(player, tables, root.at(player))
            owners += [f"{player}.{name}" for name in names]
        self.owners: Sequence[str] = owners
        self._training = _read_training(tables, root.at("training"))

    def fit(self, given: Given) -> tuple[Model, Dataset] | None:
        """Model and data, known to go together; None after a reported problem."""
        before = self._root.report.count
        generator, discriminator = (self._tables.get(player) for player in PLAYERS)
        held = held_back(len(given.loaded), given.common, self._root.at("data"))
        self._check_data(given)
        if isinstance(generator, _GeneratorTable):
            self._check_layers(given, generator.latent, held)
        complete = all(self._layers.get(player) for player in PLAYERS)
        if self._root.report.count != before or self._training is None or not complete:
            return None
        if not isinstance(generator, _GeneratorTable) or discriminator is None:
            return None
        model = Gan(
            generator=self._player(GENERATOR, generator),
            discriminator=self._player(DISCRIMINATOR, discriminator),
            latent=generator.latent,
            training=self._training,
            seed=given.seed,
            dtype=given.dtype,
        )
        return model, split(given.loaded, None, given.common, held, given.seed)

    def _read_player(self, player: str, tables: dict[str, Any], place: Place) -> Sequence[str]:
        """Read the table of a player; returns the names of its layers."""
        table = tables.get(player)
        if not isinstance(table, dict):
            if player in tables:
                place.refuse(f"expected one table [{player}], got {describe(table)}")
            return ()
        options = {key: value for key, value in table.items() if key != "layers"}
        found = read(_TABLES[player], options, place, but=("layers",))
        self._tables[player] = found
        if found and found.optimizer:
            check_optimizer(found.optimizer, place.at("optimizer"))
        if "layers" not in table:
            place.missing("layers", f"is missing: write [[{player}.layers]]")
            return ()
        names, self._layers[player] = read_layers(table["layers"], place.at("layers"))
        return names

    def _player(self, name: str, table: _PlayerTable) -> Player:
        layers = tuple(layer for layer in self._layers[name] if layer)
        return Player(layers=layers, optimizer=table.optimizer, steps=table.steps)

    def _check_data(self, given: Given) -> None:
        """Report samples that no generator can make."""
        sample = given.loaded.x.shape[1:]
        if len(sample) not in (1, _IMAGE) or given.loaded.tokens:
            what = "token ids" if given.loaded.tokens else f"of the shape {spell_shape(sample)}"
            self._root.at("data").refuse(
                f"a generator makes rows of numbers or images, but samples here are {what}"
            )

    def _check_layers(self, given: Given, latent: int, held: int) -> None:
        """Report layers that do not fit each other, the noise, the data or the batch."""
        sample = given.loaded.x.shape[1:]
        incoming = {GENERATOR: (latent,), DISCRIMINATOR: sample}
        checks = {GENERATOR: self._check_samples, DISCRIMINATOR: self._check_answers}
        for player in PLAYERS:
            layers, place = self._layers.get(player, []), self._root.at(player, "layers")
            for i, layer in enumerate(layers):
                if isinstance(layer, Embedding):
                    place.at(i, "type").refuse(
                        "an embedding looks up token ids, but here numbers come in"
                    )
                    return
            way = walk(layers, incoming[player], place, given.dtype)
            if way is None or not layers:
                continue
            rows = len(given.loaded) - held
            if self._training is not None:
                size = self._training.batch_size
                check_batch(layers, way, rows, size, self._root, place)
            checks[player](layers, way, sample)

    def _output(
        self, player: str, layers: Sequence[Layer | None], way: Walk, number: int = -1
    ) -> Output:
        last = layers[number]
        assert last is not None
        place = self._root.at(player, "layers", number % len(layers))
        return Output(last, way.shapes[-1], 0, place, self._root.at("data"))

    def _check_samples(self, layers: Sequence[Layer | None], way: Walk, sample: Shape) -> None:
        """Report a generator whose samples have not as many numbers as the real ones."""
        made, count = way.shapes[-1], math.prod(sample)
        if len(sample) not in (1, _IMAGE):
            return  # no generator makes these, which has been said of the data
        if made == sample or (len(sample) == _IMAGE and made == (count,)):
            return
        cure = f"set units = {count}" if len(made) == 1 else "end with a dense layer of as many"
        image = f" ({count} numbers)" if len(sample) == _IMAGE else ""
        self._output(GENERATOR, layers, way).refuse(
            f"the generator makes {spell_shape(made)} values, but a sample of the data has "
            f"{spell_shape(sample)}{image} — {cure}"
        )

    def _check_answers(self, layers: Sequence[Layer | None], way: Walk, sample: Shape) -> None:
        """Report a discriminator that does not end with one probability or logit."""
        last = self._output(DISCRIMINATOR, layers, way, answering(layers))
        if way.shapes[-1] != (1,):
            last.refuse(
                f"the discriminator gives {spell_shape(way.shapes[-1])} values, but its answer is "
                "one number: how likely a sample is real — end with a dense layer of units = 1"
            )
        elif isinstance(last.layer, Dropout):
            last.refuse("the discriminator's answer would be dropped: end with the layer before")
        elif last.activation not in _ANSWERS:
            last.place.at("activation").refuse(
                f"the discriminator's answer is a probability or a logit, which {last.activation} "
                'gives not: set activation = "sigmoid" or "linear"'
            )


def _read_training(tables: dict[str, Any], place: Place) -> GanTraining | None:
    table = tables.get("training")
    if not isinstance(table, dict):
        if "training" in tables:
            place.refuse(f"expected one table [training], got {describe(table)}")
        return None
    if "loss" not in table:
        place.missing("loss", f'is missing: set loss = "{TWO_PLAYERS}"')
    elif table["loss"] != TWO_PLAYERS:
        given = table["loss"]
        name = quote(given) if isinstance(given, str) else describe(given)
        what = f"{name} is the loss of one network; " if name in map(quote, LOSSES) else ""
        got = "" if what else f", got {name}"
        place.at("loss").refuse(f'{what}with two players set loss = "{TWO_PLAYERS}"{got}')
    options = {key: value for key, value in table.items() if key != "loss"}
    training = read(GanTraining, {"optimizer": "sgd", **options}, place, but=("loss",))
    if training:
        check_optimizer(training.optimizer, place.at("optimizer"))
    return training
