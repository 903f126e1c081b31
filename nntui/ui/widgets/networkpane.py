"""`NetworkPane`: the first pane, a picture of the network in which a neuron can be chosen."""

from __future__ import annotations

from textual.message import Message

from nntui.session.frame import Network
from nntui.ui.scene import Neuron
from nntui.ui.widgets.pane import Pane


class NetworkPane(Pane):
    """Abstract: subclasses draw the network one way or another, and move the neuron cursor."""

    NUMBER = 1
    TITLE = "Network"

    class Chosen(Message):
        """A neuron was chosen with the keys or the mouse."""

        def __init__(self, neuron: Neuron) -> None:
            super().__init__()
            self.neuron = neuron

    class Inspected(Message):
        """Enter was pressed on a neuron."""

    def __init__(self, network: Network, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._network = network

    def action_arrow(self, by: int) -> None:
        """Moves to a neighbour of the chosen neuron; where none is chosen, steps."""
        if self.scene is not None and self.scene.chosen:
            self.action_move(by, 0)
        else:
            super().action_arrow(by)

    def action_move(self, across: int, down: int) -> None:
        """Moves the neuron cursor; the first move chooses the neuron that is looked at."""
        if self.scene is None:
            return
        at = self.scene.neuron
        self.post_message(self.Chosen(self.beside(at, across, down) if self.scene.chosen else at))

    def beside(self, at: Neuron, across: int, down: int) -> Neuron:
        """The neighbour of a neuron."""
        raise NotImplementedError

    def action_activate(self) -> None:
        """Asks for a closer look at the neuron."""
        self.post_message(self.Inspected())
