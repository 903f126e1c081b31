"""Lines of styled text: what renderables return and widgets paint.

A span is a text with the names of its styles, separated by spaces (`"positive bold"`); the palette
of the theme knows what they look like. Widths are in terminal cells, not in characters.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
Line = tuple[Span, ...]

BLANK: Line = ()


def plain(line: Line) -> str:
    """The text of a line without its styles."""
    return "".join(text for text, _ in line)


def width(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit(text: str, cells: int) -> str:
    """A text in exactly so many cells: padded with spaces, or cut with an ellipsis."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    return set_cell_size(set_cell_size(text, cells - 1).rstrip() + "…", cells)


def cut(text: str, cells: int) -> str:
    """A text in at most so many cells."""
    return fit(text, cells).rstrip() if cell_len(text) > cells else text


def cut_inside(text: str, cells: int, end: int) -> str:
    """A text in at most so many cells: cut inside with an ellipsis, `end` cells of its end left."""
    if cell_len(text) <= cells:
        return text
    tail = text
    while cell_len(tail) > min(end, cells - 1):
        tail = tail[1:]
    return set_cell_size(text, max(cells - 1 - cell_len(tail), 0)).rstrip() + "…" + tail


def crop(line: Line, cells: int) -> Line:
    """A line in at most so many cells."""
    out: list[Span] = []
    for text, style in line:
        size = cell_len(text)
        if size > cells:
            if cells > 0:
                out.append((set_cell_size(text, cells), style))
            break
        out.append((text, style))
        cells -= size
    return tuple(out)


def shortened(line: Line, cells: int) -> Line:
    """A line in at most so many cells: cut with an ellipsis where it is longer."""
    if width(line) <= cells:
        return line
    kept = crop(line, cells - 1)
    if cells < 1 or not kept:
        return (("…", line[0][1]),) if cells > 0 else ()
    *before, (text, style) = kept
    return (*before, (text.rstrip() + "…", style))


def entries(parts: Iterable[Line], cells: int) -> Line:
    """One entry after the other, from the first on, as long as a whole one fits in `cells`."""
    line: Line = ()
    for part in parts:
        if width(line) + width(part) > cells:
            break
        line = (*line, *part)
    return line


def pad(line: Line, cells: int, style: str = "text") -> Line:
    """A line in exactly so many cells."""
    missing = cells - width(line)
    if missing < 0:
        return crop(line, cells)
    return (*line, (" " * missing, style)) if missing else line


def centred(line: Line, cells: int) -> Line:
    """A line in the middle of so many cells."""
    left = max(0, (cells - width(line)) // 2)
    return pad(((" " * left, "text"), *line), cells)


def restyle(line: Line, style: str) -> Line:
    """A line with one more style on all of it."""
    return tuple((text, f"{old} {style}") for text, old in line)


def wrap_words(text: str, cells: int, style: str = "text") -> list[Line]:
    """A paragraph broken between words; a word too long for a line is cut."""
    lines: list[Line] = []
    current = ""
    for word in text.split():
        candidate = f"{current} {word}" if current else word
        if cell_len(candidate) <= cells:
            current = candidate
            continue
        if current:
            lines.append(((current, style),))
        current = cut(word, cells)
    if current:
        lines.append(((current, style),))
    return lines


def sign_style(value: float | None) -> str:
    """The style of a number: its sign's colour, or that of a missing or a non-finite one."""
    if value is None:
        return "dim"
    if value != value or value in (float("inf"), float("-inf")):
        return "error"
    if value == 0:
        return "text"
    return "positive" if value > 0 else "negative"


def stack(lines: Iterable[Line], height: int) -> list[Line]:
    """Exactly `height` lines: cut, or filled with blank ones."""
    out = list(lines)[:height]
    return out + [BLANK] * (height - len(out))


def difference(before: Line, after: Line) -> tuple[int, int]:
    """From which cell to which two lines differ; what is beyond a line's end counts as blank."""
    a, b = _cells(before), _cells(after)
    size = max(len(a), len(b))
    blank = (" ", "text")
    a += [blank] * (size - len(a))
    b += [blank] * (size - len(b))
    start = next((k for k in range(size) if a[k] != b[k]), size)
    end = next((k for k in range(size, start, -1) if a[k - 1] != b[k - 1]), start)
    return start, end


def _cells(line: Line) -> list[Span]:
    """A line cell by cell; a wide character is followed by empty cells."""
    out: list[Span] = []
    for text, style in line:
        for character in text:
            size = cell_len(character)
            if size == 0 and out:
                out[-1] = (out[-1][0] + character, style)
                continue
            out.append((character, style))
            out += [("", style)] * (size - 1)
    return out
