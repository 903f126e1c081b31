"""Malformed files: what stands on top, and what is no TOML at all."""

from __future__ import annotations

import pytest

HEADING = {
    "no_title": ('title = "Will I pass the exam?"', "", 1, "title", "is missing"),
    "empty_title": ('"Will I pass the exam?"', '" "', 1, "title", "is empty"),
    "title_is_number": (
        '"Will I pass the exam?"',
        "3",
        1,
        "title",
        "expected a string, got the number 3",
    ),
    "title_of_two_lines": ("the exam?", r"the\nexam?", 1, "title", "a line break, U+000A"),
    "title_with_escape": ("the exam?", r"\u001b[31mred", 1, "title", "U+001B"),
    "title_with_bidi": ("the exam?", r"\u202eexe", 1, "title", "U+202E"),
    "title_with_zero_width": ("the exam?", r"ex\u200bam", 1, "title", "U+200B"),
    "title_with_c1": ("the exam?", r"\u009b2J", 1, "title", "U+009B"),
    "title_with_delete": ("the exam?", r"\u007f", 1, "title", "U+007F"),
    "title_too_long": ("the exam?", "x" * 200, 1, "title", "at most 100"),
    "about_with_escape": ("seed  = 7", r'about = "one\ntwo\u001b[2J"', 2, "about", "U+001B"),
    "about_is_list": ("seed  = 7", "about = []", 2, "about", "expected a string, got a list"),
    "unknown_key": ("seed  = 7", "sead = 7", 2, "sead", "unknown key 'sead'", "seed"),
    "unknown_key_with_escape": (
        "seed  = 7",
        r'"a\u001b[31m" = 7',
        2,
        '"a<U+001B>[31m"',
        "unknown key 'a<U+001B>[31m'",
    ),
    "unknown_section": ("[training]", "[trainig]", 23, "trainig", "unknown key", "training"),
    "negative_seed": ("seed  = 7", "seed = -1", 2, "seed", "must be at least 0"),
    "seed_is_float": ("seed  = 7", "seed = 7.0", 2, "seed", "a whole number, got the number 7.0"),
    "seed_is_true": ("seed  = 7", "seed = true", 2, "seed", "a whole number, got true"),
    "seed_is_huge": ("seed  = 7", f"seed = {'9' * 400}", 2, "seed", "must be at least 0 and less"),
    "seed_is_hex": ("seed  = 7", f"seed = 0x{'f' * 9000}", 2, "seed", "got about 10^10837"),
    "dtype": ("seed  = 7", 'dtype = "float16"', 2, "dtype", "unknown dtype", "float64"),
    "breakpoint_is_number": ("seed  = 7", "breakpoints = [1]", 2, "breakpoints[0]", "a string"),
    "breakpoint_is_string": ("seed  = 7", 'breakpoints = "a"', 2, "breakpoints", "expected a list"),
    "watch_too_long": ("seed  = 7", f'watches = ["{"x" * 501}"]', 2, "watches[0]", "at most 500"),
    "too_many_watches": ("seed  = 7", f"watches = {['loss'] * 21}", 2, "watches", "at most 20"),
    "watch_with_escape": ("seed  = 7", r'watches = ["a", "\u001b"]', 2, "watches[1]", "U+001B"),
}


SYNTAX = {
    "no_value": ("seed  = 7", "seed =", 2, "", "not a TOML value"),
    "bare_word": ("seed  = 7", "seed = seven", 2, "", "text needs quotes"),
    "open_string": ('exam?"', "exam?", 1, "", ""),
    "open_list": ("[0.5, 0.1]", "[0.5, 0.1", 17, "", "unclosed array"),
    "key_twice": ("units = 2", "units = 2\nunits = 3", 13, "layers[0].units", "is given twice"),
    "last_key_twice": ('up."', 'up."\nat = "x"', 32, "notes[0].at", "is given twice"),
    "table_twice": ("[[notes]]", "[training]", 29, "training", "is given twice"),
    "array_then_table": ("[[notes]]", "[layers]", 29, "layers[1]", "is given twice"),
    "raw_escape": ("the exam?", "\x1b[31m", 1, "", "the character U+001B"),
    "bad_escape": ("the exam?", r"\q", 1, "", ""),
    "surrogate": ("the exam?", r"\ud800", 1, "", "not a Unicode scalar value"),
    "bad_date": ("seed  = 7", "seed = 2024-13-01", 2, "", ""),
    "long_integer": ("seed  = 7", f"seed = {'9' * 5000}", 2, "", "too many digits"),
    "deep_list": ("[0.5, 0.1]", "[" * 65 + "]" * 65, 15, "", "nested more than 64 levels"),
    "very_deep_list": ("[0.5, 0.1]", "[" * 100_000, 15, "", "nested more than 64 levels"),
    "deep_table": ("[0.5, 0.1]", "{a=" * 65 + "1" + "}" * 65, 15, "", "nested more than 64"),
    "deep_key": ("seed  = 7", "a." * 40_000 + "b = 1", 2, "", "nested more than 32 levels"),
    "no_toml": (None, "<html>", 1, "", "invalid statement"),
}


CASES = HEADING | SYNTAX


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_refused_where_it_is_wrong(case, assert_refused) -> None:
    assert_refused(*case)
