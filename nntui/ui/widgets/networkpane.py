"""`NetworkPane`: the first pane, a picture of the network in which a neuron can be chosen."""

from __future__ import annotations

from textual.message import Message

from nntui.session.frame import Network
from nntui.ui.scene import Neuron
from nntui.ui.widgets.choosing import ChoosingPane


class NetworkPane(ChoosingPane):
    """Abstract: subclasses draw the network one way or another, and move the neuron cursor."""

    NUMBER = 1
    TITLE = "Network"

    class Inspected(Message):
        """Enter was pressed on a neuron."""

    def __init__(self, network: Network, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._network = network

    @property
    def network(self) -> Network:
        """The network as it is shown."""
        return self.scene.network if self.scene else self._network

    @property
    def _is_outside(self) -> bool:
        """Whether there are no neurons to choose: the samples of two players are shown."""
        return self.scene is not None and self.scene.is_outside

    def action_arrow(self, by: int) -> None:
        """Moves to a neighbour of the chosen neuron; where none is chosen, steps."""
        if self.is_chosen and not self._is_outside:
            self.action_move(by, 0)
        else:
            super().action_arrow(by)

    def action_move(self, across: int, down: int) -> None:
        """Moves the neuron cursor; the first move chooses the neuron that is looked at."""
        if not self._is_outside:
            self.choose(lambda at: self.beside(at, across, down))

    def beside(self, at: Neuron, across: int, down: int) -> Neuron:
        """The neighbour of a neuron."""
        raise NotImplementedError

    def action_activate(self) -> None:
        """Asks for a closer look at the neuron."""
        self.post_message(self.Inspected())
