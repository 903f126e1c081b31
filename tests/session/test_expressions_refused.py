"""What is no expression: each refused, with the character it points at, and nothing of it run."""

from __future__ import annotations

import ast
import contextlib
import sys
from pathlib import Path

import pytest
from expression_scopes import SHAPES, scope

import nntui.session.expressions as package
from nntui.errors import UsageError
from nntui.session.expressions import ExpressionError, parse
from nntui.session.expressions.builder import DEEPEST, MOST_NODES
from nntui.session.expressions.words import LONGEST

# `^` marks the character that is pointed at; it is taken out of the text
HOSTILE = {
    # reaching for Python
    "dunder": "hidden.weight.^__class__",
    "dunder_of_tuple": "(^).__class__",
    "dunder_of_pair": "^(1, 2).__class__",
    "dunder_chain": "loss.^__class__.__mro__[1].__subclasses__()",
    "dunder_of_string": "^'a'.__class__",
    "dunder_of_number": "(1).^__class__",
    "dunder_name": "^__import__('os').system('id')",
    "builtins": "^__builtins__",
    "debug": "^__debug__",
    "tofile": "hidden.weight.^tofile('x')",
    "tofile_uncalled": "hidden.weight.^tofile",
    "dump": "hidden.weight[0].^dump('x')",
    "base": "loss.T.^base",
    "ctypes": "hidden.a.max().^ctypes",
    "setflags": "hidden.a.^setflags(1)",
    "eval": "^eval('1')",
    "exec": "^exec('1')",
    "open": "^open('/etc/passwd')",
    "print": "^print(loss)",
    "getattr": "^getattr(loss, 'T')",
    "numpy": "^np.load('x')",
    "type": "^type(loss)",
    # other things Python has
    "lambda": "^lambda: 5",
    "lambda_in_call": "max(^lambda x: x)",
    "comprehension": "[x ^for x in y]",
    "generator": "sum(x ^for x in y)",
    "walrus": "(loss :^= 5)",
    "assignment": "loss ^= 5",
    "keyword_argument": "max(x, axis^=0)",
    "star": "max(^*x)",
    "double_star": "max(^**x)",
    "f_string": "^f'{loss}'",
    "bytes": "^b'a'",
    "raw_string": "^r'a'",
    "triple_quotes": "''^'a'''",
    "joined_strings": "phase == 'for' ^'ward'",
    "escape": "phase == ^'\\x66orward'",
    "open_string": "phase == ^'forward",
    "quote_in_string": "phase == 'a'^'b'",
    "set": "^{1, 2}",
    "dict": "^{1: 2}",
    "list": "^[1, 2]",
    "tuple": "^(1, 2)",
    "tuple_without_brackets": "1^, 2",
    "await": "^await loss",
    "yield": "(^yield loss)",
    "import": "^import os",
    "is": "loss ^is 1",
    "in": "loss ^in x",
    "not_in": "loss not ^in x",
    "none": "loss == ^None",
    "matmul": "x ^@ y",
    "bit_and": "loss ^& 1",
    "shift": "loss <^< 1",
    "invert": "^~loss",
    "statement": "loss^; loss",
    "comment": "loss ^# < 1",
    "new_line": "loss^\n< 1",
    "carriage_return": "loss^\r",
    "continued_line": "loss ^\\",
    "form_feed": "^\x0closs",
    "null": "loss^\0",
    "ellipsis": "x[^...]",
    "new_axis": "x[^None]",
    "old_repr": "^`loss`",
    "arrow": "loss -^> 1",
    # numbers
    "imaginary": "1^j * loss",
    "hexadecimal": "0^x10",
    "underscore": "1^_000",
    "octal": "^007",
    "long_integer": "^" + "9" * 310,
    "huge_float": "^1e999",
    "huge_tiny": "1 + ^1e9999999999",
    "two_dots": "1.5^.5",
    "stuck_word": "1^if loss else 2",
    # powers and sizes
    "tower": "9**^9**9",
    "ten_to_400": "^10**400",
    "power_of_tensor": "hidden.a**^1e9",
    "negative_power": "hidden.a**^-1e9",
    "grown_product": "loss + ^" + "*".join(["1e300"] * 4),
    "grown_exp": "^exp(1000)",
    "division_by_zero": "^1 / 0",
    "remainder_by_zero": "loss + ^5 % 0",
    "root_of_negative": "^sqrt(-1)",
    # indices
    "index_too_large": "hidden.a[^4]",
    "index_huge": "hidden.a[^" + "9" * 100 + "]",
    "index_negative": "hidden.a[0, ^-4]",
    "index_computed": "hidden.a[^1 + 1]",
    "index_tensor": "hidden.a[^loss]",
    "index_float": "hidden.a[^1.0]",
    "index_string": "hidden.a[^'a']",
    "index_true": "hidden.a[^true]",
    "index_many": "hidden.a[0, 0, ^0]",
    "index_of_number": "loss[^0]",
    "index_empty": "hidden.a[^]",
    "slice_empty": "hidden.a[^4:]",
    "slice_zero": "hidden.a[::^0]",
    "slice_four": "hidden.a[::1^:]",
    "slice_huge": "hidden.a[:^" + "9" * 50 + "]",
    "slice_tensor": "hidden.a[:^loss]",
    "colon_outside": "loss^:1",
    "colon_in_call": "max(loss^:1)",
    # calls
    "call_of_call": "^abs(x)(y)",
    "call_of_tensor": "loss^(1)",
    "call_of_dotted": "hidden.weight^(1)",
    "call_of_number": "^3(4)",
    "call_of_index": "^x[0](1)",
    "call_of_layer": "^hidden(1)",
    "call_of_transpose": "x.T^()",
    "method_argument": "x.max(^0)",
    "method_uncalled": "x.^max",
    "method_unlisted": "x.^sqrt()",
    "function_uncalled": "^max",
    "no_argument": "abs(^)",
    "two_arguments": "abs(x, ^y)",
    "clip_of_two": "clip(x, 1^)",
    "dead_of_value": "dead(^x + 1)",
    "dead_of_string": "dead(^'hidden')",
    "dead_of_bias": "dead(^hidden.bias)",
    "prev_of_constant": "prev(^1 + 2)",
    "prev_of_step": "prev(^step)",
    "prev_of_phase": "prev(^phase == 'loss')",
    "prev_of_prev": "prev(loss + prev(^loss))",
    "flips_of_prev": "sign_flips(prev(^loss))",
    # what does not go together
    "shapes": "x ^+ hidden.bias",
    "shapes_compared": "(x) ^< (hidden.bias)",
    "shapes_of_max": "max(x, ^hidden.bias)",
    "choice_of_shapes": "x if step > 1 else ^0",
    "array_and": "loss and ^x",
    "array_or": "^x > 0 or loss",
    "array_not": "not ^x",
    "array_condition": "1 if ^x else 2",
    "array_in_tuple": "bmu == (1, ^x)",
    "tuple_too_long": "bmu == ^(1, 2, 3)",
    "tuple_of_number": "loss == ^(1, 2)",
    "tuple_order": "bmu ^< (1, 2)",
    "tuple_chain": "bmu ^== (1, 2) == 3",
    "tuples": "^(1, 2) == (1, 2)",
    "string_alone": "^'loss'",
    "string_sum": "^'a' + 'b'",
    "string_of_number": "^loss == 'a'",
    "strings": "^'a' == 'a'",
    "string_order": "phase ^< 'a'",
    "phase_of_number": "phase == ^3",
    "phase_of_layer": "phase == ^layer",
    "phase_alone": "^phase",
    "phase_unknown": "phase == ^'bakward'",
    "layer_unknown": "layer == ^'hiden'",
    # characters
    "full_width": "^ｌoss < 1",
    "ligature": "^ﬁrst",
    "cyrillic": "l^оss < 1",
    "math_letters": "^𝐥𝐨𝐬𝐬",
    "superscript": "loss^²",
    "arabic_digit": "loss < ^١",
    "bidi": "loss^\u202e < 1",
    "zero_width": "lo^\u200bss",
    "no_break_space": "loss^\u00a0< 1",
    "byte_order_mark": "^\ufeffloss",
    "escape_sequence": "^\x1b[2Jloss",
    "surrogate": "loss^\ud800",
    "combining": "loss^\u0301",
    "bad_string": "phase == 'f^\u00f6rward'",
    "string_with_escape_sequence": "layer == '^\x1b[2J'",
    # not whole
    "empty": "^",
    "blanks": "^  ",
    "operator_at_end": "loss <^",
    "operator_at_start": "^* loss",
    "two_values": "loss ^loss",
    "two_operators": "loss * ^/ 2",
    "not_after_operator": "loss == ^not true",
    "minus_not": "-^not true",
    "not_closed": "max^(loss",
    "not_opened": "loss^)",
    "wrong_bracket": "max(x^]",
    "if_without_else": "1 ^if loss",
    "if_in_if": "1 ^if 2 if 3 else 4 else 5",
    "else_without_if": "1 ^else 2",
    "comma_at_end": "max(x,^)",
    "only_dots": "^.",
    "dot_at_end": "x[0].^",
    "dot_number": "x[0]^.5",
    "blank_dot": "hidden ^. weight",
    # unknown names
    "unknown": "^lss < 1",
    "unknown_dotted": "abs(^hidden.wieght.grad)",
    "layer": "^hidden < 1",
    "unreachable_name": "^theta[0:9]",
}

LONG = {
    "brackets": "(" * 100_000,
    "closed_brackets": "(" * 240 + "1" + ")" * 240,
    "indices": "x" + "[0]" * 160,
    "open_indices": "x[" * 240,
    "minuses": "-" * 499 + "1",
    "nots": "not " * 120 + "true",
    "powers": "**".join("2" * 160),
    "sums": "+".join("1" * 250),
    "calls": "abs(" * 100 + "x" + ")" * 100,
    "methods": "x" + ".abs()" * 80,
    "attributes": "x" + ".T" * 240,
    "dots": ".".join("a" * 250),
    "comparisons": "<".join("1" * 250),
    "nested_comparisons": "0<(" * 60 + "x" + ")<1" * 60,
    "string": "phase == '" + "a" * 100_000 + "'",
    "digits": "9" * 100_000,
    "blanks": " " * 100_000,
    "comprehensions": "[" * 250 + "]" * 250,
    "commas": "max(" + ",".join("1" * 245) + ")",
    "braces": "{" * 500,
}


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, SHAPES)
    return caught.value


@pytest.mark.parametrize("marked", HOSTILE.values(), ids=HOSTILE)
def test_refused_at_the_character(marked: str) -> None:
    offset = marked.index("^")
    text = marked[:offset] + marked[offset + 1 :]
    error = refusal(text)
    assert error.text == text
    assert error.offset == offset, str(error)
    assert error.message
    shown, pointed, caret = str(error).encode("utf-8").decode().split("\n")
    assert shown.startswith(error.message)
    assert caret.endswith("^")
    assert caret.strip() == "^"
    assert str(error).replace("\n", "").isprintable()
    assert len(caret) - 1 <= len(pointed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "attention[0, 1, 1, 2] > 1",
            "attention weights of the shown sample are (head, query, key): there is nothing to "
            "pick by this index",
        ),
        ("block.attention[0, 1, 3]", "this index goes from 0 to 2"),
        ("block.attention[1, 1, 1]", "this index goes from 0 to 0"),
        ("attention(1)", "there is no function 'attention'"),
        (
            "attention.weights[0, 0, 0, 0, 0]",
            "this has 4 axes: there is nothing to pick by this index",
        ),
        ("attention.wights", "there is no tensor 'attention.wights'"),
        ("block", "block is a layer; its tensors are block.attention.weights"),
    ],
)
def test_what_is_said_of_attention(text: str, message: str) -> None:
    assert refusal(text).message == message


@pytest.mark.parametrize("text", ["attention[0, 1]", "attention[1]", "attention"])
def test_too_few_indices_are_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="reduce it to one"):
        parse(f"{text} > 0.9", SHAPES, reduced=True)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_and_deep_is_refused(text: str) -> None:
    error = refusal(text)
    assert 0 <= error.offset <= LONGEST
    assert len(str(error)) < 400


def test_there_are_enough() -> None:
    assert len(HOSTILE) + len(LONG) >= 60


def test_no_chain_is_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chains of comparisons in each other: one look at the tensor, not 2 to their depth."""
    deep = 20
    text = "0 < (" * deep + "loss" + ") < 1" * deep
    at, asked = scope(), []
    monkeypatch.setattr(at, "tensor", lambda name: asked.append(name) or at.now[name])
    parse(text, SHAPES).evaluate(at)
    assert asked == ["loss"]


def test_limits_leave_room() -> None:
    assert parse("loss" + " + 1" * (DEEPEST - 2), SHAPES)
    assert parse(f"max({', '.join(['1'] * 100)})", SHAPES)
    assert MOST_NODES > 100


def test_sizes_are_bounded() -> None:
    shapes = {"a": (100_000, 1), "b": (1, 100_000), "large": (9_000_000,)}
    with pytest.raises(ExpressionError, match="too many numbers") as caught:
        parse("(a + b).max()", shapes)
    assert caught.value.offset == 3
    with pytest.raises(ExpressionError, match="each time"):
        parse("exp(exp(exp(large))).max()", shapes)
    assert parse("large.max()", shapes)
    huge = {"w": (300_000, 100), "v": (300_000, 100)}
    assert parse("abs(w - v).max() < 1 and not any_nan", huge)


def test_nothing_is_run() -> None:
    """The package has no call that could run text, and takes no attribute by a name it is given."""
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "getattr", "__import__"}


def test_nothing_is_opened_or_compiled() -> None:
    """Python itself is asked what parsing hostile texts does: nothing but parse."""
    seen: list[str] = []
    watching = True

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in {"open", "exec", "import", "os.system", "subprocess.Popen"}:
            seen.append(event)

    refusal("loss <")
    sys.addaudithook(audit)
    for marked in HOSTILE.values():
        with contextlib.suppress(ExpressionError):
            parse(marked.replace("^", ""), SHAPES)
    watching = False
    assert not seen


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("lss", "loss"),
        ("hidden.wieght", "hidden.weight"),
        ("hidden.weight.gard", "grad"),
        ("x.mx()", "max"),
        ("abz(x)", "abs"),
        ("stp", "step"),
        ("any_nans", "any_nan"),
        ("dead(hiden)", "hidden"),
        ("dead(hidden.z)", "hidden"),
        ("phase == 'bakward'", "backward"),
        ("layer == 'hiden'", "hidden"),
        ("loss = 1", "=="),
        ("loss ≤ 1", "<="),
        ("1 − loss", "-"),
        ("loss < 1 & step > 1", "and"),
    ],
)
def test_nearest(text: str, nearest: str) -> None:
    error = refusal(text)
    assert error.nearest == nearest
    assert f"did you mean '{nearest}'?" in str(error)


def test_the_picture() -> None:
    error = refusal("loss < hidden.wieght.max()")
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert str(error) == (
        "there is no tensor 'hidden.wieght' — did you mean 'hidden.weight'?\n"
        "  loss < hidden.wieght.max()\n"
        "         ^"
    )


def test_the_picture_of_a_long_text() -> None:
    error = refusal("max(" + "loss, " * 30 + "lss" + ", loss" * 30 + ")")
    _, text, caret = str(error).split("\n")
    assert text[len(caret) - 1 :].startswith("lss")
    assert text.startswith("  …")
    assert text.endswith("…")
    assert len(text) < 80


def test_the_caret_counts_columns() -> None:
    """Where wide characters stand before it, as in a text that is too long."""
    error = refusal("全" * 10 + "é" + " " * 489 + "e\u0301" * 10)
    assert error.offset == LONGEST
    near = ExpressionError("全e\u0301 x", 4, "here")
    assert str(near) == "here\n  全e\u0301 x\n      ^"
