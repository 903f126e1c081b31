"""What comes out of a network, and what to say where the targets ask for something else."""

from __future__ import annotations

from dataclasses import dataclass

from nntui.engine.layers import Layer, Shape
from nntui.engine.tensor import feature_axis
from nntui.scenario.report import Place
from nntui.scenario.rows import spell_shape


@dataclass(frozen=True)
class Output:
    """The last layer, what comes out of it, and where it and the data stand.

    Attributes:
        time: time steps of the sequences that the network sees; 0 where it sees none.
    """

    layer: Layer
    shape: Shape
    time: int
    place: Place
    data: Place

    @property
    def units(self) -> int:
        """Outputs at each position."""
        return self.shape[feature_axis(self.shape)]

    @property
    def positions(self) -> Shape:
        """What outputs there are for each sample: () for one row of them, or (time,) and so on."""
        axis = feature_axis(self.shape)
        return (*self.shape[:axis], *self.shape[axis + 1 :])

    @property
    def activation(self) -> str:
        return getattr(getattr(self.layer, "activation", None), "type", "linear")

    def refuse_targets(self, shape: Shape, otherwise: str) -> None:
        """Report that targets of a shape are not what the network gives.

        Args:
            otherwise: what more to say where nothing else is known to help.
        """
        message = f"the network gives {spell_shape(self.shape)} values, but y has "
        message += spell_shape(shape) or "one class"
        self.refuse(message + (self._cure(shape) or otherwise))

    def _cure(self, shape: Shape) -> str:
        """What to do where one of the two is for each time step, and the other is not."""
        if len(self.shape) == 2 and shape in ((), (1,), (self.units,)):
            return (
                f": the network answers at each of {self.shape[0]} time steps — give y a target "
                "for each, or let the network answer once, at the end, with a flatten layer or a "
                "recurrent layer before the output"
            )
        if len(self.shape) == 1 and shape[:1] == (self.time,):
            return (
                f": a target for each of {self.time} time steps, but the network answers once — "
                "let it answer at each step (return_sequences = true, no flatten), or give y one "
                "target"
            )
        return ""

    def refuse(self, message: str) -> None:
        """Report at the option that sets the number of outputs."""
        has_units = hasattr(self.layer, "units")
        (self.place.at("units") if has_units else self.place).refuse(message)
