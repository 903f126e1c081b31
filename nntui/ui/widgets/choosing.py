"""`ChoosingPane`: a pane in which a neuron can be chosen, with keys as fast as they come."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from nntui.ui.scene import Neuron, Scene
from nntui.ui.widgets.pane import Pane


class ChoosingPane(Pane):
    """Abstract: subclasses say where a move leads."""

    class Chosen(Message):
        """A neuron was chosen with the keys or the mouse."""

        def __init__(self, neuron: Neuron) -> None:
            super().__init__()
            self.neuron = neuron

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._asked: Neuron | None = None

    def show(self, scene: Scene) -> None:
        """Shows its part of a scene, in which what was asked for has been chosen."""
        self._asked = None
        super().show(scene)

    @property
    def is_chosen(self) -> bool:
        """Whether a neuron is chosen, or is about to be."""
        return self._asked is not None or (self.scene is not None and self.scene.chosen)

    def choose(self, move: Callable[[Neuron], Neuron]) -> None:
        """Asks for the neuron a move leads to; the first move chooses the one that is looked at.

        A key that comes before the last one has been answered moves on from what that one asked.
        """
        if self.scene is None:
            return
        at = self._asked or self.scene.neuron
        self._asked = move(at) if self.is_chosen else at
        self.post_message(self.Chosen(self._asked))
