"""What a value of the file must be: each kind checks a TOML value and converts it.

A kind first looks at what TOML calls the value (`fits`): a mismatch there is "expected a number,
got a string". `convert` then sees to limits and contents. Both report at the value's place, and
go on.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, final

from nntui.scenario.report import Place
from nntui.scenario.text import first_unsafe, quote, shorten, spell


def describe(value: object) -> str:
    """What TOML calls `value`, and which one it is: `the string 'abc'`."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {spell_number(value)}"
        case str():
            return f"the string {quote(value)}"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date or time"


def spell_number(value: float) -> str:
    """A number for a message; a very long one is cut."""
    try:
        return shorten(str(value), 24)
    except ValueError:
        # Python refuses to write out integers of more than some thousand digits.
        return f"about 10^{int(math.log10(2) * int(value).bit_length())}"


class Kind(ABC):
    """A kind of value."""

    @property
    @abstractmethod
    def expected(self) -> str:
        """What to call it in messages: "a whole number"."""

    @abstractmethod
    def fits(self, value: object) -> bool:
        """Whether `value` is what TOML would call it."""

    @abstractmethod
    def convert(self, value: Any, place: Place) -> Any:
        """`value`, which fits, as the engine takes it; None after a reported problem."""

    def read(self, value: object, place: Place) -> Any:
        """`value` checked and converted; None after a reported problem."""
        if self.fits(value):
            return self.convert(value, place)
        place.refuse(f"expected {self.expected}, got {describe(value)}")
        return None


@final
class Flag(Kind):
    """true or false."""

    expected = "true or false"

    def fits(self, value: object) -> bool:
        return isinstance(value, bool)

    def convert(self, value: Any, place: Place) -> Any:
        return value


@final
@dataclass(frozen=True)
class Line(Kind):
    """Text on one line, safe to show.

    Attributes:
        limit: its most characters.
        empty: whether it may have none.
    """

    limit: int = 200
    empty: bool = True
    expected = "a string"

    def fits(self, value: object) -> bool:
        return isinstance(value, str)

    def convert(self, value: Any, place: Place) -> Any:
        if bad := first_unsafe(value):
            what = "a line break" if bad == "\n" else "a control or invisible character"
            place.refuse(f"{quote(value)} holds {what}, {spell(bad)}")
        elif not self.empty and not value.strip():
            place.refuse("is empty")
        elif len(value) > self.limit:
            place.refuse(f"is {len(value)} characters long; at most {self.limit} are shown")
        else:
            return value
        return None


@final
@dataclass(frozen=True)
class Prose(Kind):
    """Text of several lines, safe to show; tabs become blanks."""

    limit: int = 4000
    expected = "a string"

    def fits(self, value: object) -> bool:
        return isinstance(value, str)

    def convert(self, value: Any, place: Place) -> Any:
        if bad := first_unsafe(value, allowed="\n\t"):
            place.refuse(f"holds a control or invisible character, {spell(bad)}")
        elif len(value) > self.limit:
            place.refuse(f"is {len(value)} characters long; at most {self.limit} are shown")
        else:
            return value.replace("\t", " ").strip()
        return None


@final
@dataclass(frozen=True)
class Letters(Kind):
    """Text of any characters, to compute with rather than to show."""

    limit: int
    expected = "a string"

    def fits(self, value: object) -> bool:
        return isinstance(value, str)

    def convert(self, value: Any, place: Place) -> Any:
        if len(value) <= self.limit:
            return value
        place.refuse(f"is {len(value)} characters long; at most {self.limit} are read")
        return None


@final
@dataclass(frozen=True)
class Name(Kind):
    """One of a list of names.

    Attributes:
        what: the word for it in messages ("activation").
    """

    what: str
    names: Collection[str]
    expected = "a string"

    def fits(self, value: object) -> bool:
        return isinstance(value, str)

    def convert(self, value: Any, place: Place) -> Any:
        if value in self.names:
            return value
        place.unknown(self.what, value, self.names)
        return None


@final
@dataclass(frozen=True)
class Listing(Kind):
    """A list of values of one kind, as a tuple."""

    item: Kind
    most: int = 100_000

    @property
    def expected(self) -> str:
        return "a list" if isinstance(self.item, Either) else f"a list, each {self.item.expected}"

    def fits(self, value: object) -> bool:
        return isinstance(value, list)

    def convert(self, value: Any, place: Place) -> Any:
        if len(value) > self.most:
            place.refuse(f"has {len(value)} entries; at most {self.most} are read")
            return None
        return tuple(self.item.read(v, place.at(i)) for i, v in enumerate(value))


@final
@dataclass(frozen=True)
class Fixed(Kind):
    """A list of so many values, each of its own kind, as a tuple."""

    items: Sequence[Kind]

    @property
    def expected(self) -> str:
        return f"a list of {len(self.items)}"

    def fits(self, value: object) -> bool:
        return isinstance(value, list)

    def convert(self, value: Any, place: Place) -> Any:
        if len(value) != len(self.items):
            place.refuse(f"expected {self.expected} values, got {len(value)}")
            return None
        pairs = zip(self.items, value, strict=True)
        return tuple(kind.read(v, place.at(i)) for i, (kind, v) in enumerate(pairs))


@final
@dataclass(frozen=True)
class Either(Kind):
    """The first of several kinds that fits."""

    kinds: Sequence[Kind]

    @property
    def expected(self) -> str:
        return " or ".join(kind.expected for kind in self.kinds)

    def fits(self, value: object) -> bool:
        return any(kind.fits(value) for kind in self.kinds)

    def convert(self, value: Any, place: Place) -> Any:
        return next(kind for kind in self.kinds if kind.fits(value)).convert(value, place)
