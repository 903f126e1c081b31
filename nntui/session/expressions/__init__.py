"""Conditions and watches: expressions over tensors, checked against a list and interpreted.

The text is cut into `words`, their order is checked by the `grammar`, Python's own parser gives
the `tree`, of which only what is listed here is taken; `nodes`, `logic` and `history` compute.
Nothing of the text is ever run by Python.
"""

from nntui.session.expressions.errors import ExpressionError
from nntui.session.expressions.expression import Expression, parse
from nntui.session.expressions.language import LANGUAGE, Entry, markdown
from nntui.session.expressions.values import Scope, Value

__all__ = [
    "LANGUAGE",
    "Entry",
    "Expression",
    "ExpressionError",
    "Scope",
    "Value",
    "markdown",
    "parse",
]
