"""From the text to a checked tree of nodes.

The text is cut into words, their order is checked, and Python parses it, with names that are
keywords masked. The builder takes from Python's tree what is part of the language.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from nntui.session.expressions import grammar, nodes, words
from nntui.session.expressions.builder import Builder
from nntui.session.expressions.errors import ExpressionError
from nntui.session.expressions.names import Names
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.values import MOST_NUMBERS, Shape, size

_PASSES: Final = 4
"""How often an expression may go over all tensors of a program, however large they are."""


@dataclass(frozen=True)
class Tree:
    """A checked expression.

    Attributes:
        names: the tensors it reads.
        facts: what it asks about the position.
        named: those of them that it names; any_nan reads all without.
        uses_sample: whether it looks at the sample that is shown.
        calm: whether no part of it can make NumPy warn.
    """

    root: Node
    names: frozenset[str]
    facts: frozenset[str]
    uses_previous: bool
    uses_sample: bool
    named: frozenset[str]
    calm: bool


def build(text: str, tensors: Mapping[str, Shape], masked: Collection[str] = ()) -> Tree:
    """The tree of an expression.

    Args:
        masked: the tensors in which a −∞ is meant.

    Raises:
        ExpressionError: it is none.
    """
    names = Names(tensors, masked)
    found = words.split(text, names.layers)
    grammar.check(text, found)
    masked = words.mask(text, found)
    lead = len(masked) - len(masked.lstrip())
    try:
        parsed = ast.parse(masked[lead:], mode="eval")
    except SyntaxError as error:
        raise ExpressionError(text, lead + (error.offset or 1) - 1, "this cannot be read") from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(text, 0, "this is nested too deeply") from None
    builder = Builder(text, lead, names, found)
    root = builder.node(parsed.body)
    every = list(nodes.walk(root))
    cost = sum(node.cost for node in every)
    if cost > max(MOST_NUMBERS, _PASSES * sum(map(size, tensors.values()))):
        raise ExpressionError(
            text, lead, f"this would compute {cost} numbers each time it is asked"
        )
    return Tree(
        root,
        frozenset(builder.read),
        frozenset(builder.facts),
        builder.uses_previous,
        any(isinstance(node, nodes.Shown) for node in every),
        frozenset(node.name for node in every if isinstance(node, nodes.Tensor)),
        all(node.calm for node in every),
    )
