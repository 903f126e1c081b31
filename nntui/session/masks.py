"""What a mask leaves out: scores of keys that come after their query, and what becomes of them.

Such a score is −∞ on purpose, and what is made of it is 0. A formula names them in one word, and a
picture shows them as left out, not as numbers that have gone wrong.
"""

from __future__ import annotations

from typing import Final, final

from nntui.engine.ops.kind import Operand, Term
from nntui.engine.program import Program

_LEFT_OUT: Final = (0.0, float("-inf"))


@final
class Masks:
    """The masked cells of a program's attentions.

    A layer's tensors of the same shape as its masked scores, (batch, heads, query, key), have the
    same cells left out: scores, weights, and their gradients.
    """

    def __init__(self, program: Program) -> None:
        tensors = program.tensors
        self._meant = frozenset(name for name, tensor in tensors.items() if tensor.masked)
        sizes = {name.rpartition(".")[0]: tensors[name].shape for name in self._meant}
        self._like = frozenset(
            name
            for name, tensor in tensors.items()
            for layer, shape in sizes.items()
            if name.startswith(f"{layer}.") and tensor.shape == shape
        )

    def hides(self, operand: Operand) -> bool:
        """Whether a mask has left out a cell, or what a derived number is made of."""
        if operand.origin is not None:
            return self.hides_term(operand.origin)
        if operand.tensor not in self._like or operand.value not in _LEFT_OUT:
            return False
        *_, query, key = operand.index
        return key > query and (operand.value == 0.0 or operand.tensor in self._meant)

    def hides_term(self, term: Term) -> bool:
        """Whether a term comes to nothing because a mask has left out one of its numbers."""
        return bool(self._like) and any(map(self.hides, term.operands))
