"""An op put into words and numbers: the formula in symbols, with the numbers, and the result.

Everything here comes out of the op table's `terms`; this file only writes it down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isinf
from string import Formatter
from typing import Final

from nntui.engine.ops.kind import Index, Operand, Term, Terms
from nntui.engine.program import Op, Program
from nntui.session.frame import Explanation, Line, Token
from nntui.session.masks import Masks
from nntui.session.numbers import MINUS, number, percent
from nntui.session.selection import Selection, masked
from nntui.session.spelling import distinct, is_loose, needs_brackets, parted, sign_of
from nntui.session.symbols import Symbols


@dataclass(frozen=True)
class _Style:
    """How to write a term.

    Attributes:
        symbolic: with symbols, else with numbers.
        signed: its sign has been written already.
        sample: symbols say which sample they are of.
        full: tensors whose symbols say which layer they are of, since another has the same.
        first: the number of the term that is written first.
    """

    symbolic: bool
    signed: bool
    sample: bool
    full: frozenset[str] = frozenset()
    first: int = 0


class Writer:
    """Writes the cells of one op.

    Args:
        probabilities: tensors whose values are probabilities.
        words: names of the numbers that a tensor may hold: of classes, of tokens.
        masks: what a mask leaves out, which is named in one word.
    """

    def __init__(
        self,
        program: Program,
        symbols: Symbols,
        probabilities: frozenset[str],
        words: Mapping[str, Sequence[str]],
        masks: Masks,
    ) -> None:
        self._program = program
        self._probabilities = probabilities
        self._words = words
        self._masks = masks
        self.symbols = symbols

    def explain(
        self,
        op: Op,
        index: Index,
        terms: Terms,
        *,
        done: int | None = None,
        following: str = "",
    ) -> Explanation:
        """Put the cell of the op's output at a public index into words.

        Args:
            done: how many terms have been computed; None for all of them, which gives the result.
        """
        terms = self._with_local_names(op, index, terms)
        current = None if done is None else done - 1
        shown = Selection.of(terms, current, self._masks)
        left = Token(self.symbols.symbol(op.output, index), "symbol")
        full = self.symbols.alike(op, terms)
        lines: list[Line] = [(left, *self._sum(terms, shown, symbolic=True, full=full))]
        if done is None:
            lines += self._numeric_lines(op, index, terms, shown)
        else:
            lines += self._partial_lines(terms, shown, done, full)
        return Explanation(
            name=self.symbols.name(op, index),
            title=op.kind.title,
            sentence=op.kind.sentence.format_map(op.attributes),
            formula=op.formula,
            lines=distinct(lines),
            chain=self._chain(op, index, terms, current),
            note=self._note(terms),
            following=following,
            terms=len(terms.terms),
            faults=shown.faults,
        )

    def one_line(self, op: Op, index: Index, terms: Terms) -> str:
        """`z₁ = 0.2 × 3 + 0.3 × 7 + 0.5 = 3.2`."""
        shown = Selection.of(terms, None, self._masks)
        lines = [self._sum(terms, shown, symbolic=False), self._result(op, index, terms)]
        if len(terms.terms) == 1 and any(o.origin for o in terms.terms[0].operands):
            lines.insert(0, self._unfolded(terms.terms[0]))
        left = Token(self.symbols.symbol(op.output, index), "symbol")
        kept = distinct([(left,), *((_EQUALS, *line) for line in lines)])
        return " = ".join("".join(t.text for t in line if t is not _EQUALS) for line in kept)

    def _numeric_lines(self, op: Op, index: Index, terms: Terms, shown: Selection) -> list[Line]:
        lines: list[Line] = [(_EQUALS, *self._sum(terms, shown, symbolic=False))]
        expanded = [k for k in shown.terms if k >= 0 and terms.terms[k].expanded]
        if expanded:
            lines.append((_EQUALS, *self._sum(terms, shown, symbolic=False, expand=True)))
        if len(terms.terms) > 1:
            lines.append((_EQUALS, *self._worked(terms, shown)))
        lines.append((_EQUALS, *self._result(op, index, terms)))
        return lines

    def _partial_lines(
        self, terms: Terms, shown: Selection, done: int, full: frozenset[str]
    ) -> list[Line]:
        """The first `done` terms with their numbers; what is still to come stays a symbol."""
        so_far = sum(term.value for term in terms.terms[:done])
        lines: list[Line] = [
            (_EQUALS, *self._sum(terms, shown, symbolic=False, until=done, full=full)),
            (_EQUALS, *self._worked(terms, shown, until=done)),
        ]
        text = number(so_far)
        lines.append((_SO_FAR, Token(text, "result", so_far)))
        return lines

    def _sum(
        self,
        terms: Terms,
        shown: Selection,
        *,
        symbolic: bool,
        expand: bool = False,
        until: int | None = None,
        full: frozenset[str] = frozenset(),
    ) -> list[Token]:
        tokens: list[Token] = []
        sample = self.symbols.over_samples(terms)
        for place, k in shown.items():
            if isinstance(k, Token):
                tokens.append(k)
                continue
            term = terms.terms[k]
            pending = until is not None and k >= until
            template = term.expanded if expand and term.expanded else term.template
            sign, template = sign_of(term, template, symbolic=symbolic or pending)
            tokens += _joint(sign, place, k)
            style = _Style(symbolic or pending, bool(sign), sample, full, shown.first)
            tokens += self._term(term, template, k, style)
        return _wrapped([*tokens, *shown.end], terms.wrap)

    def _term(self, term: Term, template: str, k: int, style: _Style) -> list[Token]:
        tokens: list[Token] = []
        before = ""
        template = _SQUARED.sub(
            lambda m: m[1] + "²" if self._is_plain(term.operands[int(m[2])], style) else m[0],
            template,
        )
        hidden = 0
        for text, part in parted(template):
            fields = [int(field) for _, field, _, _ in Formatter().parse(text) if field]
            if part > 0 and fields and all(self._masks.hides(term.operands[n]) for n in fields):
                hidden += 1
                continue
            if part < 0:
                tokens += masked(hidden, k)
                hidden = 0
            written = self._written(term, text, k, style, before)
            tokens += [replace(token, part=part) for token in written]
            before = written[-1].text if written[-1].role == "operator" else "x"
        return tokens

    def _written(
        self, term: Term, template: str, k: int, style: _Style, before: str
    ) -> list[Token]:
        """A part of a term, after what stands before it."""
        tokens: list[Token] = []
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
        cell = self.symbols.cell(operand) if operand.tensor else None
        if style.symbolic:
            text = operand.symbol or number(operand.value)
            if operand.tensor:
                full = operand.tensor in style.full
                text = self.symbols.symbol(
                    operand.tensor, operand.index, sample=style.sample, full=full
                )
            return Token(text, "symbol", operand.value, cell, k)
        text = number(operand.value)
        if style.signed and not before:
            text = text.removeprefix(MINUS)
        elif needs_brackets(text, before, first=k == style.first):
            text = f"({text})"
        meant = isinf(operand.value) and self._masks.hides(operand)
        return Token(text, "masked" if meant else "number", operand.value, cell, k)

    def _is_plain(self, operand: Operand, style: _Style) -> bool:
        """Whether it can be squared without brackets."""
        text = self._operand(operand, 0, style, "").text
        return not any(sign in text for sign in (MINUS, "·", "/", "⁾", " "))

    def _unfolded(self, term: Term) -> list[Token]:
        """A term with its derived numbers written out: `−0.176 × (0.961 × (1 − 0.961))`."""
        style = _Style(symbolic=False, signed=False, sample=False)
        tokens: list[Token] = []
        before = ""
        for literal, field, _spec, _conversion in Formatter().parse(term.template):
            tokens.append(Token(literal))
            before = literal or before
            if field is None:
                continue
            operand = term.operands[int(field)]
            if operand.origin is None:
                tokens.append(self._operand(operand, 0, style, before))
            else:
                origin = operand.origin
                inner = self._term(origin, origin.template, 0, style)
                loose = before and is_loose(origin.template)
                tokens += _wrapped(inner, "({})" if loose else "")
            before = "x"
        return tokens

    def _worked(self, terms: Terms, shown: Selection, until: int | None = None) -> list[Token]:
        """The terms, each worked out: `0.6 + 2.1 + 0.5`."""
        tokens: list[Token] = []
        for place, k in shown.items():
            if isinstance(k, Token):
                tokens.append(k)
                continue
            if until is not None and k >= until:
                tokens += [*_joint("+", place, k), Token("·", "word", term=k)]
                continue
            value = terms.terms[k].value
            sign = MINUS if number(value).startswith(MINUS) else "+"
            tokens += _joint(sign, place, k)
            text = number(value).removeprefix(MINUS)
            tokens.append(Token(text, "number", value, term=k))
        return _wrapped([*tokens, *shown.end], terms.wrap)

    def _result(self, op: Op, index: Index, terms: Terms) -> list[Token]:
        meant = isinf(terms.result) and self._masks.hides(Operand(terms.result, op.output, index))
        tokens = [Token(number(terms.result), "masked" if meant else "result", terms.result)]
        if op.output in self._probabilities:
            tokens.append(Token(f" ({percent(terms.result)})", "word"))
        words = self._words.get(op.output, ())
        if terms.result in range(len(words)):
            tokens.append(Token(f" ({words[int(terms.result)]})", "word"))
        elif words and terms.result < 0:
            tokens.append(Token(_UNASKED, "word"))
        return tokens

    def _note(self, terms: Terms) -> str:
        """The remark on a sum, with the operands that it names."""
        operands = terms.terms[0].operands if terms.terms else ()
        return terms.note.format(*map(self._called, operands))

    def _called(self, operand: Operand) -> str:
        """A number with what it is the number of: `2 (c)`."""
        words = self._words.get(operand.tensor, ())
        named = operand.value in range(len(words))
        return number(operand.value) + (f" ({words[int(operand.value)]})" if named else "")

    def _chain(self, op: Op, index: Index, terms: Terms, current: int | None) -> tuple[Line, ...]:
        """The chain rule at one term: the upstream gradient and the local derivative, named."""
        if op.phase != "backward" or not terms.terms:
            return ()
        term = terms.terms[min(max(current or 0, 0), len(terms.terms) - 1)]
        sample, full = self.symbols.over_samples(terms), self.symbols.alike(op, terms)
        lines: list[Line] = []
        upstream = next((o for o in term.operands if o.role == "upstream gradient"), None)
        for operand in sorted(term.operands, key=lambda o: o.role != "upstream gradient"):
            if operand.role == "upstream gradient":
                tensor = operand.tensor
                name = self.symbols.symbol(
                    tensor, operand.index, sample=sample, full=tensor in full
                )
                lines.append((_word("upstream"), Token(name, "symbol"), *_equals(operand)))
            elif operand.role == "local derivative":
                lines.append((_word("local"), *self._local(op, index, operand, upstream, sample)))
        if upstream is not None and len(term.operands) == 1 and "of" in op.attributes:
            passed = Token(self._derivative(op, index, upstream, sample), "symbol")
            lines.append((_word("local"), passed, _equal_sign(), Token("1", "number", 1.0)))
        return tuple(lines)

    def _with_local_names(self, op: Op, index: Index, terms: Terms) -> Terms:
        """The terms with derived local derivatives under their full names: `∂a₁/∂z₁`."""
        if op.phase != "backward" or len(terms.terms) != 1:
            return terms
        (term,) = terms.terms
        upstream = next((o for o in term.operands if o.role == "upstream gradient"), None)
        if upstream is None:
            return terms
        name = self._derivative(op, index, upstream)
        operands = tuple(replace(o, symbol=name) if o.origin else o for o in term.operands)
        return replace(terms, terms=(replace(term, operands=operands),))

    def _derivative(
        self, op: Op, index: Index, upstream: Operand | None, sample: bool = False
    ) -> str:
        """`∂z₁/∂w₁₂`: how the op that is gone back through changes with its input; or nothing."""
        of, to = op.attributes.get("of", ""), op.attributes.get("to", "")
        tensors = self._program.tensors
        if of not in tensors or to not in tensors:
            return ""
        at = upstream.index if upstream is not None else index
        if len(at) != len(tensors[of].public_shape(0)):
            return ""
        full = tensors[of].symbol == tensors[to].symbol and tensors[to].batched
        above = self.symbols.symbol(of, at, sample=sample)
        return f"∂{above}/∂{self.symbols.symbol(to, index, sample=sample, full=full)}"

    def _local(
        self, op: Op, index: Index, operand: Operand, upstream: Operand | None, sample: bool
    ) -> list[Token]:
        name = self._derivative(op, index, upstream, sample) or operand.symbol
        sides: list[Line] = []
        if operand.origin is not None:
            for symbolic in (True, False):
                style = _Style(symbolic, signed=False, sample=False)
                written = self._term(operand.origin, operand.origin.template, 0, style)
                sides.append((_EQUALS, *written))
        elif operand.tensor:
            text = self.symbols.symbol(operand.tensor, operand.index, sample=sample)
            sides.append((_EQUALS, Token(text, "symbol")))
        sides.append((_EQUALS, Token(number(operand.value), "number", operand.value)))
        equals = [token for side in distinct(sides) for token in (_equal_sign(), *side[1:])]
        return [Token(name, "symbol"), *equals]


_SQUARED: Final = re.compile(r"\((\{(\d+)\})\)²")

_UNASKED: Final = " (no answer asked here)"
"""Said of a target below 0, which is that of no class."""

_EQUALS: Final = Token("=", "operator")
_SO_FAR: Final = Token("so far", "word")


def _equal_sign() -> Token:
    return Token(" = ", "operator")


def _word(text: str) -> Token:
    return Token(text, "word")


def _equals(operand: Operand) -> list[Token]:
    return [_equal_sign(), Token(number(operand.value), "number", operand.value)]


def _joint(sign: str, place: int, k: int) -> list[Token]:
    if place == 0:
        return [Token(MINUS, "operator", term=k)] if sign == MINUS else []
    return [Token(f" {MINUS} " if sign == MINUS else " + ", "operator", term=k)]


def _wrapped(tokens: list[Token], wrap: str) -> list[Token]:
    if not wrap:
        return tokens
    before, after = wrap.split("{}")
    return [Token(before, "operator"), *tokens, Token(after, "operator")]
