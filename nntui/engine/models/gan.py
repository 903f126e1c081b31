"""`Gan`: two networks that learn against each other.

A training step is a turn of the discriminator and then one of the generator, each with draws of
its own, losses, a backward pass and an update. The player whose turn it is has the plain names:
`discriminator.hidden.z`. The other one plays along without learning, and what it computes there is
marked: `generator.hidden.frozen.z`.

Source: Goodfellow et al., "Generative adversarial nets" (2014), algorithm 1. Every update of a
player's turn draws new noise; the real samples are those of the step's batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Final, final

from nntui.engine.autodiff import differentiate
from nntui.engine.builder import Builder
from nntui.engine.layers import Layer
from nntui.engine.layers.flatten import Flatten
from nntui.engine.losses import append_penalised
from nntui.engine.machine import Memory
from nntui.engine.model import Dataset, Measure, Model
from nntui.engine.models.coverage import DIVERGENCE, MODES, Coverage
from nntui.engine.models.passes import forward, named
from nntui.engine.ops.verdict import LOGITS_VERDICT, VERDICT, verdict_formula
from nntui.engine.optimizers import Optimizer, spell
from nntui.engine.options import Bounds
from nntui.engine.program import Parameter, Program
from nntui.engine.random import Keyed
from nntui.engine.schedules import Schedule
from nntui.engine.tensor import BATCH, View
from nntui.engine.updates import Descent, update

GENERATOR: Final = "generator"
DISCRIMINATOR: Final = "discriminator"
PLAYERS: Final = (GENERATOR, DISCRIMINATOR)

LATENT: Final = f"{GENERATOR}.latent"
FAKES: Final = f"{GENERATOR}.fakes"
REAL: Final = f"{DISCRIMINATOR}.real"
FAKE: Final = f"{DISCRIMINATOR}.fake"

OWN: Final = (
    LATENT, FAKES, f"{GENERATOR}.loss", f"{GENERATOR}.lr", f"{DISCRIMINATOR}.x", REAL, FAKE,
    f"{DISCRIMINATOR}.answers", f"{DISCRIMINATOR}.loss", f"{DISCRIMINATOR}.lr", MODES, DIVERGENCE,
)  # fmt: skip
"""Tensors of the two players that belong to none of their layers."""

FROZEN: Final = ".frozen"
APART: Final = ".fake"
"""Marks of a pass through a player that does not learn, and of D's pass over fake samples where it
judges them apart from the real ones."""

_MEASURED: Final = 256
"""Fake samples that G is measured by while it trains."""


@dataclass(frozen=True, kw_only=True)
class GanTraining:
    """The `[training]` table of two players.

    Attributes:
        optimizer: of a player that has none of its own.
        batch_size: real samples per training step, and fake ones per update; None for all samples,
            32 at most.
        clip_norm: the largest norm a player's whole gradient may have; None for no limit.
        l1: factor of Σ|w| in a player's loss, over its own weights only.
        l2: factor of ½ Σw² in a player's loss, likewise.
        real_label: what D's answers on real samples are compared with; below 1 is smoothing.
        saturating: whether G minimises mean ln(1 − D(G(z))) instead of −mean ln D(G(z)).
        measure_every: training steps from one look at what G has learned to the next.
    """

    optimizer: Optimizer
    schedule: Schedule | None = None
    batch_size: Annotated[int, Bounds(ge=1, le=1_000_000)] | None = None
    epochs: Annotated[int, Bounds(ge=0, le=1_000_000_000)] = 100
    clip_norm: Annotated[float, Bounds(gt=0)] | None = None
    l1: Annotated[float, Bounds(ge=0)] = 0.0
    l2: Annotated[float, Bounds(ge=0)] = 0.0
    real_label: Annotated[float, Bounds(gt=0, le=1)] = 1.0
    saturating: bool = False
    measure_every: Annotated[int, Bounds(ge=1, le=1_000_000)] = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Player:
    """One of the two networks.

    Attributes:
        layers: with their full names once the player is one of a `Gan`.
        optimizer: None for that of the training.
        steps: updates in a turn.
    """

    layers: tuple[Layer, ...]
    optimizer: Optimizer | None = None
    steps: Annotated[int, Bounds(ge=1, le=100)] = 1


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Gan(Model):
    """A generator, a discriminator, and how they learn.

    Attributes:
        latent: numbers that a fake sample is made of.
    """

    generator: Player
    discriminator: Player
    latent: int
    training: GanTraining
    _layers: Mapping[str, tuple[Layer, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        stacks = {name: _owned(name, self._player(name).layers) for name in PLAYERS}
        object.__setattr__(self, "_layers", stacks)

    @property
    def stacks(self) -> Mapping[str, tuple[Layer, ...]]:
        return self._layers

    def source(self, stack: str) -> str:
        """Noise, or real samples; the discriminator reads what the generator makes as well."""
        return LATENT if stack == GENERATOR else "x"

    @property
    def epochs(self) -> int:
        return self.training.epochs

    @property
    def batch_size(self) -> int | None:
        return self.training.batch_size

    @property
    def goal(self) -> str:
        return "gan"

    @property
    def rule(self) -> str:
        rules = {name: spell(self._optimizer(name)) for name in PLAYERS}
        if len(set(rules.values())) == 1:
            return rules[GENERATOR]
        return ", ".join(f"{name} {rule}" for name, rule in rules.items())

    def training_program(self, dataset: Dataset) -> Program:
        builder = Builder(Keyed(self.seed))
        builder.player = DISCRIMINATOR
        _real(builder, dataset)
        for turn in range(1, self.discriminator.steps + 1):
            self._discriminate(builder, dataset, turn)
        for turn in range(1, self.generator.steps + 1):
            self._generate(builder, dataset, turn)
        _total(builder)
        self._measure(builder, dataset)
        return builder.finish(_output(self.stacks[DISCRIMINATOR]))

    def evaluation_program(self, dataset: Dataset) -> Program:
        """D's answers on the given samples and on as many fakes, always made of the same noise."""
        builder = Builder(Keyed(self.seed), training=False)
        _real(builder, dataset)
        self._noise(builder, LATENT, "evaluation")
        fakes = self._fakes(builder, LATENT, dataset)
        output = forward(builder, self.stacks[DISCRIMINATOR], "x")
        answers = forward(builder, self.stacks[DISCRIMINATOR], fakes, FROZEN)
        self._judge(builder, _joined(builder, f"{DISCRIMINATOR}.answers", output, answers))
        self._fool(builder, answers)
        _total(builder)
        return builder.finish(output)

    def measures(self, memory: Memory, dataset: Dataset) -> Mapping[str, Measure]:
        losses = {
            f"{name}.loss": Measure(float(memory.public(f"{name}.loss")))
            for name in reversed(PLAYERS)
        }
        samples = memory.public(_output(self.stacks[GENERATOR]))
        return {**losses, **Coverage(dataset).measures(samples)}

    # --- turns ------------------------------------------------------------------------------------

    def _discriminate(self, builder: Builder, dataset: Dataset, turn: int) -> None:
        """D tells real samples from fake ones, and learns to tell them better."""
        start, layers = len(builder.ops), self.stacks[DISCRIMINATOR]
        builder.player = DISCRIMINATOR
        latent = f"{LATENT}{FROZEN}"
        self._noise(builder, latent, f"{DISCRIMINATOR}.{turn}")
        fakes = self._fakes(builder, latent, dataset, FROZEN)
        if any(layer.mixes_samples for layer in layers):
            outputs = forward(builder, layers, "x"), forward(builder, layers, fakes, APART)
            answers = _joined(builder, f"{DISCRIMINATOR}.answers", *outputs)
        else:
            both = _joined(builder, f"{DISCRIMINATOR}.x", "x", fakes)
            builder.rows = 2 * BATCH
            answers = forward(builder, layers, both)
            builder.rows = BATCH
        self._judge(builder, answers)
        self._learn(builder, dataset, start, turn)

    def _generate(self, builder: Builder, dataset: Dataset, turn: int) -> None:
        """G makes samples that D takes for real; D passes the gradient back and stays as it is."""
        start = len(builder.ops)
        builder.player = GENERATOR
        self._noise(builder, LATENT, f"{GENERATOR}.{turn}")
        fakes = self._fakes(builder, LATENT, dataset)
        self._fool(builder, forward(builder, self.stacks[DISCRIMINATOR], fakes, FROZEN))
        self._learn(builder, dataset, start, turn)

    def _noise(self, builder: Builder, latent: str, stream: str) -> None:
        builder.phase = "data"
        builder.batch(latent, (self.latent,), "z")
        builder.op("noise", (), latent, stream=f"latent.{stream}")

    def _fakes(self, builder: Builder, latent: str, dataset: Dataset, mark: str = "") -> str:
        """Append G's forward ops; returns its samples, in the shape of the real ones."""
        made = forward(builder, self.stacks[GENERATOR], latent, mark)
        sample = dataset.train.x.shape[1:]
        if builder.features(made) == sample:
            return made
        fakes = builder.batch(f"{FAKES}{mark}", sample, "a", View(made))
        return builder.op("unflatten", (made,), fakes, shape="×".join(map(str, sample)))

    def _judge(self, builder: Builder, answers: str) -> None:
        """Append D's answers on real and on fake samples, and L_D."""
        for part, (name, about) in enumerate(((REAL, "x"), (FAKE, "G(z)"))):
            builder.batch(name, builder.features(answers), "D", View(answers, nth=part))
            formula = self._answer.format(about)
            builder.op("part", (answers,), name, part=part, formula=formula)
        labels = (self.training.real_label, 0.0)
        self._verdict(builder, DISCRIMINATOR, answers, ("x", "G(z)"), labels, 1.0)

    def _fool(self, builder: Builder, answers: str) -> None:
        """Append L_G."""
        label, sign = (0.0, -1.0) if self.training.saturating else (1.0, 1.0)
        self._verdict(builder, GENERATOR, answers, ("G(z)",), (label,), sign)

    def _verdict(
        self,
        builder: Builder,
        player: str,
        answers: str,
        about: Sequence[str],
        labels: Sequence[float],
        sign: float,
    ) -> None:
        """Append a player's loss: what it is by D's answers, and the penalty on its own weights."""

        def data_loss(name: str, symbol: str) -> None:
            formula = f"{symbol} = {verdict_formula(about, labels, sign, self._answer)}"
            kind = VERDICT if self.gives_probabilities else LOGITS_VERDICT
            options = {"labels": labels, "sign": sign, "answers": answers, "formula": formula}
            builder.op(kind, (answers,), name, **options)

        symbol, own = f"L_{player[0].upper()}", self._parameters(builder, player)
        l1, l2 = self.training.l1, self.training.l2
        append_penalised(builder, f"{player}.loss", symbol, own, data_loss, l1=l1, l2=l2)

    def _learn(self, builder: Builder, dataset: Dataset, start: int, turn: int) -> None:
        """Append the backward pass of the player whose turn it is, and its update."""
        player = builder.player
        learned = self._parameters(builder, player)
        differentiate(builder, f"{player}.loss", start, [p.name for p in learned])
        update(builder, self._descent(player, dataset, turn), learned)

    def _descent(self, player: str, dataset: Dataset, turn: int) -> Descent:
        return Descent(
            optimizer=self._optimizer(player),
            schedule=self.training.schedule,
            clip_norm=self.training.clip_norm,
            epochs=self.epochs,
            steps_per_epoch=self.steps_per_epoch(dataset),
            owner=player,
            turn=(turn, self._player(player).steps),
        )

    def _measure(self, builder: Builder, dataset: Dataset) -> None:
        """Append the ops that look at samples of noise that is always the same."""
        coverage = Coverage(dataset)
        if not coverage:
            return
        start, builder.rows, builder.training = len(builder.ops), _MEASURED, False
        mark = " measured"
        self._noise(builder, LATENT + mark, "measured")
        samples = self._fakes(builder, LATENT + mark, dataset, mark)
        making = builder.take(start)
        builder.rows, builder.training = BATCH, True
        builder.phase = "loss"
        coverage.append(builder, making, samples, self.training.measure_every)

    # --- players ----------------------------------------------------------------------------------

    def _player(self, name: str) -> Player:
        return self.generator if name == GENERATOR else self.discriminator

    def _parameters(self, builder: Builder, name: str) -> list[Parameter]:
        """All that a player's layers have, of what has been declared."""
        own = {layer.name for layer in self.stacks[name]}
        return [p for p in builder.parameters.values() if p.layer in own]

    def _optimizer(self, name: str) -> Optimizer:
        return self._player(name).optimizer or self.training.optimizer

    @property
    def gives_probabilities(self) -> bool:
        """Whether D's output is a probability already; else it is a logit, and σ of it is one."""
        layers = self.stacks[DISCRIMINATOR]
        last = layers[answering(layers)]
        return getattr(getattr(last, "activation", None), "type", "") == "sigmoid"

    @property
    def _answer(self) -> str:
        """How an answer of D becomes a probability, in a formula."""
        return "D({})" if self.gives_probabilities else "σ(D({}))"


def answering(layers: Sequence[Layer | None]) -> int:
    """The place of the layer that computes the answer: the last but for those that only reshape."""
    known = [k for k, layer in enumerate(layers) if not isinstance(layer, Flatten)]
    return known[-1] if known else len(layers) - 1


def _owned(player: str, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """A player's layers, with their full names."""
    prefix = f"{player}."
    return tuple(
        layer if layer.name.startswith(prefix) else replace(layer, name=prefix + layer.name)
        for layer in named(layers)
    )


def _output(layers: Sequence[Layer]) -> str:
    return f"{layers[-1].name}.a"


def _real(builder: Builder, dataset: Dataset) -> None:
    builder.batch("x", dataset.train.x.shape[1:], "x")
    builder.op("batch", (), "x")


def _joined(builder: Builder, name: str, real: str, fake: str) -> str:
    """Append the op that puts two batches into one; returns its name."""
    builder.rows = 2 * BATCH
    builder.batch(name, builder.features(real), builder.tensors[real].symbol)
    builder.rows = BATCH
    builder.layer = ""
    return builder.op("join", (real, fake), name)


def _total(builder: Builder) -> None:
    builder.phase, builder.layer = "loss", ""
    builder.tensor("loss", (1,), "L", scalar=True)
    builder.op("sum_losses", tuple(f"{name}.loss" for name in reversed(PLAYERS)), "loss")
