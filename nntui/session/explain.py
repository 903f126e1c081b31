"""An op put into words and numbers: the formula in symbols, with the numbers, and the result.

Everything here comes out of the op table's `terms`; this file only writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Final

from nntui.engine.ops.kind import Index, Operand, Term, Terms
from nntui.engine.program import Op, Program
from nntui.session.frame import Cell, Explanation, Line, Token
from nntui.session.numbers import MINUS, number, of_sample, percent, subscript

_SHOWN_FIRST: Final = 6
_SHOWN_LAST: Final = 3
_SHOWN_ALL: Final = 12


@dataclass(frozen=True)
class _Style:
    """How to write a term.

    Attributes:
        symbolic: with symbols, else with numbers.
        signed: its sign has been written already.
        sample: symbols say which sample they are of.
    """

    symbolic: bool
    signed: bool
    sample: bool


class Writer:
    """Writes the cells of one op.

    Args:
        units: names of the units of each layer, for naming an element.
        probabilities: tensors whose values are probabilities.
    """

    def __init__(
        self, program: Program, units: Mapping[str, Sequence[str]], probabilities: frozenset[str]
    ) -> None:
        self._program = program
        self._units = units
        self._probabilities = probabilities

    def explain(
        self,
        op: Op,
        index: Index,
        terms: Terms,
        *,
        done: int | None = None,
        following: str = "",
        lesson: str = "",
    ) -> Explanation:
        """Put the cell of the op's output at a public index into words.

        Args:
            done: how many terms have been computed; None for all of them, which gives the result.
        """
        current = None if done is None else done - 1
        shown = _shown(len(terms.terms), current)
        left = Token(self.symbol(op.output, index), "symbol")
        lines: list[Line] = [(left, *self._sum(terms, shown, symbolic=True))]
        if done is None:
            lines += self._numeric_lines(op, terms, shown)
        else:
            lines += self._partial_lines(terms, shown, done)
        return Explanation(
            name=self.name(op, index),
            title=op.kind.title,
            sentence=op.kind.sentence,
            formula=op.formula,
            lines=_distinct(lines),
            chain=self._chain(op, index, terms, current),
            note=terms.note,
            lesson=lesson,
            following=following,
            terms=len(terms.terms),
        )

    def one_line(self, op: Op, index: Index, terms: Terms) -> str:
        """`z₁ = 0.2 × 3 + 0.3 × 7 + 0.5 = 3.2`."""
        shown = _shown(len(terms.terms), None)
        lines: list[Line] = [(Token(""), *self._sum(terms, shown, symbolic=False))]
        lines.append((Token(""), *self._result(op, terms)))
        texts = ["".join(t.text for t in line[1:]) for line in lines]
        if texts[0] == texts[1]:
            texts.pop()
        return " = ".join([self.symbol(op.output, index), *(t.removeprefix(" = ") for t in texts)])

    def symbol(self, tensor: str, index: Index, *, sample: bool = False) -> str:
        """`z₁`: a cell of a tensor as formulas write it; sizes of 1 need no index.

        Args:
            sample: whether to say which sample of the batch it is of: `z₁⁽²⁾`.
        """
        spec = self._program.tensors[tensor]
        shape = spec.public_shape(0)
        pairs = list(zip(index, shape, strict=True))
        if spec.batched:
            pairs = pairs[1:]
        text = subscript(spec.symbol, [i for i, size in pairs if size != 1])
        return text + of_sample(index[0]) if sample and spec.batched else text

    def name(self, op: Op, index: Index) -> str:
        """`hidden.z[h1]`: the element in words."""
        spec = self._program.tensors[op.output]
        inner = index[1:] if spec.batched else index
        if not inner:
            return op.output
        units = self._units.get(op.output.split(".")[0], ())
        first = units[inner[0]] if inner[0] < len(units) else str(inner[0] + 1)
        return f"{op.output}[{', '.join([first, *(str(k + 1) for k in inner[1:])])}]"

    def fault(self, op: Op, index: Index, value: float) -> str:
        """`hidden.z[h1] of sample 2 became inf (op 3, affine)`."""
        sample = f" of sample {index[0] + 1}" if self._program.tensors[op.output].batched else ""
        word = "nan" if value != value else "inf" if value > 0 else "-inf"
        return f"{self.name(op, index)}{sample} became {word} (op {op.number}, {op.kind.name})"

    def _over_samples(self, terms: Terms) -> bool:
        """Whether the terms are of several samples of the batch."""
        samples = {
            o.index[0]
            for term in terms.terms
            for o in term.operands
            if o.tensor and self._program.tensors[o.tensor].batched
        }
        return len(samples) > 1

    def cells(self, operands: Iterable[Operand]) -> frozenset[Cell]:
        """Where numbers live, the sample left out."""
        found: set[Cell] = set()
        for operand in operands:
            if operand.origin is not None:
                found |= self.cells(operand.origin.operands)
            if operand.tensor:
                found.add(self._cell(operand))
        return frozenset(found)

    def _cell(self, operand: Operand) -> Cell:
        batched = self._program.tensors[operand.tensor].batched
        return Cell(operand.tensor, operand.index[1:] if batched else operand.index)

    def _numeric_lines(self, op: Op, terms: Terms, shown: Sequence[int]) -> list[Line]:
        lines: list[Line] = [(_EQUALS, *self._sum(terms, shown, symbolic=False))]
        expanded = [k for k in shown if k >= 0 and terms.terms[k].expanded]
        if expanded:
            lines.append((_EQUALS, *self._sum(terms, shown, symbolic=False, expand=True)))
        if len(terms.terms) > 1:
            lines.append((_EQUALS, *self._worked(terms, shown)))
        lines.append((_EQUALS, *self._result(op, terms)))
        return lines

    def _partial_lines(self, terms: Terms, shown: Sequence[int], done: int) -> list[Line]:
        """The first `done` terms with their numbers; what is still to come stays a symbol."""
        so_far = sum(term.value for term in terms.terms[:done])
        lines: list[Line] = [
            (_EQUALS, *self._sum(terms, shown, symbolic=False, until=done)),
            (_EQUALS, *self._worked(terms, shown, until=done)),
        ]
        text = number(so_far)
        lines.append((_SO_FAR, Token(text, "result", so_far)))
        return lines

    def _sum(
        self,
        terms: Terms,
        shown: Sequence[int],
        *,
        symbolic: bool,
        expand: bool = False,
        until: int | None = None,
    ) -> list[Token]:
        tokens: list[Token] = []
        sample = self._over_samples(terms)
        for place, k in enumerate(shown):
            if k < 0:
                tokens.append(Token(f" … {-k} more …", "word"))
                continue
            term = terms.terms[k]
            pending = until is not None and k >= until
            template = term.expanded if expand and term.expanded else term.template
            sign, template = _sign_of(term, template, symbolic=symbolic or pending)
            tokens += _joint(sign, place, k)
            style = _Style(symbolic or pending, signed=bool(sign), sample=sample)
            tokens += self._term(term, template, k, style)
        return _wrapped(tokens, terms.wrap)

    def _term(self, term: Term, template: str, k: int, style: _Style) -> list[Token]:
        tokens: list[Token] = []
        before = ""
        for literal, field, _spec, _conversion in Formatter().parse(template):
            text = literal.replace(" × ", "·") if style.symbolic else literal
            if text:
                tokens.append(Token(text, "operator", term=k))
                before = text
            if field is None:
                continue
            operand = term.operands[int(field)]
            tokens.append(self._operand(operand, k, style, before))
            before = "x"
        return tokens

    def _operand(self, operand: Operand, k: int, style: _Style, before: str) -> Token:
        cell = self._cell(operand) if operand.tensor else None
        if style.symbolic:
            text = operand.symbol or number(operand.value)
            if operand.tensor:
                text = self.symbol(operand.tensor, operand.index, sample=style.sample)
            return Token(text, "symbol", operand.value, cell, k)
        text = number(operand.value)
        if style.signed and not before:
            text = text.removeprefix(MINUS)
        elif text.startswith(MINUS) and not before.endswith("(") and (before or k > 0):
            text = f"({text})"
        return Token(text, "number", operand.value, cell, k)

    def _worked(self, terms: Terms, shown: Sequence[int], until: int | None = None) -> list[Token]:
        """The terms, each worked out: `0.6 + 2.1 + 0.5`."""
        tokens: list[Token] = []
        for place, k in enumerate(shown):
            if k < 0:
                tokens.append(Token(f" … {-k} more …", "word"))
                continue
            if until is not None and k >= until:
                tokens += [*_joint("+", place, k), Token("·", "word", term=k)]
                continue
            value = terms.terms[k].value
            sign = MINUS if number(value).startswith(MINUS) else "+"
            tokens += _joint(sign, place, k)
            text = number(value).removeprefix(MINUS)
            tokens.append(Token(text, "number", value, term=k))
        return _wrapped(tokens, terms.wrap)

    def _result(self, op: Op, terms: Terms) -> list[Token]:
        tokens = [Token(number(terms.result), "result", terms.result)]
        if op.phase == "forward" and op.output in self._probabilities:
            tokens.append(Token(f" ({percent(terms.result)})", "word"))
        return tokens

    def _chain(self, op: Op, index: Index, terms: Terms, current: int | None) -> tuple[Line, ...]:
        """The chain rule at one term: the upstream gradient and the local derivative, named."""
        if op.phase != "backward" or not terms.terms:
            return ()
        term = terms.terms[min(max(current or 0, 0), len(terms.terms) - 1)]
        lines: list[Line] = []
        upstream = next((o for o in term.operands if o.role == "upstream gradient"), None)
        for operand in term.operands:
            if operand.role == "upstream gradient":
                name = self.symbol(operand.tensor, operand.index)
                lines.append((_word("upstream"), Token(name, "symbol"), *_equals(operand)))
            elif operand.role == "local derivative":
                lines.append((_word("local"), *self._local(op, index, operand, upstream)))
        return tuple(lines)

    def _local(
        self, op: Op, index: Index, operand: Operand, upstream: Operand | None
    ) -> list[Token]:
        of, to = op.attributes.get("of", ""), op.attributes.get("to", "")
        at = upstream.index if upstream is not None else index
        if of in self._program.tensors and to in self._program.tensors:
            name = f"∂{self.symbol(of, at)}/∂{self.symbol(to, index)}"
        else:
            name = operand.symbol
        tokens = [Token(name, "symbol")]
        if operand.origin is not None:
            for symbolic in (True, False):
                style = _Style(symbolic, signed=False, sample=False)
                written = self._term(operand.origin, operand.origin.template, 0, style)
                tokens += [_equal_sign(), *written]
        elif operand.tensor:
            tokens += [_equal_sign(), Token(self.symbol(operand.tensor, operand.index), "symbol")]
        return [*tokens, *_equals(operand)]


_EQUALS: Final = Token("=", "operator")
_SO_FAR: Final = Token("so far", "word")


def _equal_sign() -> Token:
    return Token(" = ", "operator")


def _word(text: str) -> Token:
    return Token(text, "word")


def _equals(operand: Operand) -> list[Token]:
    return [_equal_sign(), Token(number(operand.value), "number", operand.value)]


def _shown(count: int, current: int | None) -> list[int]:
    """Which terms to write; a negative number stands for that many left out."""
    if count <= _SHOWN_ALL:
        return list(range(count))
    kept = set(range(_SHOWN_FIRST)) | set(range(count - _SHOWN_LAST, count))
    if current is not None:
        kept |= {k for k in (current - 1, current, current + 1) if 0 <= k < count}
    shown: list[int] = []
    for k in sorted(kept):
        gap = k - (shown[-1] if shown else -1) - 1
        if gap:
            shown.append(-gap)
        shown.append(k)
    return shown


def _sign_of(term: Term, template: str, *, symbolic: bool) -> tuple[str, str]:
    """The sign that joins a term to those before it, and the template without it.

    An empty sign: the term keeps its own, and is joined with a plus.
    """
    if template.startswith(MINUS):
        return MINUS, template.removeprefix(MINUS)
    if template == "{0}" and not symbolic and number(term.operands[0].value).startswith(MINUS):
        return MINUS, template
    return "", template


def _joint(sign: str, place: int, k: int) -> list[Token]:
    if place == 0:
        return [Token(MINUS, "operator", term=k)] if sign == MINUS else []
    return [Token(f" {MINUS} " if sign == MINUS else " + ", "operator", term=k)]


def _wrapped(tokens: list[Token], wrap: str) -> list[Token]:
    if not wrap:
        return tokens
    before, after = wrap.split("{}")
    return [Token(before, "operator"), *tokens, Token(after, "operator")]


def _distinct(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines without those that repeat the one before."""
    kept: list[Line] = []
    for line in lines:
        text = [t.text for t in line[1:]]
        if not kept or text != [t.text for t in kept[-1][1:]]:
            kept.append(line)
    return tuple(kept)
