"""Reads a TOML table into a dataclass of options, whichever it is.

The fields of the dataclass say what the table may hold: their annotations give each value's kind,
those without a default are required, and any other key is an error. Layers, optimizers,
schedules, initialisers and data sources are declared that way in the engine.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import (
    Annotated,
    Any,
    Final,
    TypeVar,
    Union,
    final,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

from nntui.engine.activations import ACTIVATIONS, Activation
from nntui.engine.initializers import INITIALIZERS, Initializer
from nntui.engine.model import LOSSES, Loss
from nntui.engine.optimizers import OPTIMIZERS, Optimizer
from nntui.engine.options import Bounds, Choice, Passage
from nntui.engine.schedules import SCHEDULES, Schedule
from nntui.scenario.kinds import Either, Fixed, Flag, Kind, Letters, Line, Listing, Name
from nntui.scenario.numbers import UNBOUND, Numbers, Real, Whole
from nntui.scenario.report import Place

T = TypeVar("T")

Entries = Mapping[str, object]
"""A TOML table."""


def read(cls: type[T], table: Entries, place: Place, *, but: Collection[str] = ()) -> T | None:
    """An instance of the dataclass `cls` from a table; None after a reported problem.

    Args:
        but: keys of the table that someone else reads.
    """
    before = place.report.count
    kinds = field_kinds(cls)
    functions = {key: kind for key, kind in kinds.items() if isinstance(kind, Named)}
    beside = {kind.option: key for key, kind in functions.items() if kind.option not in kinds}
    values: dict[str, Any] = {}
    for key, value in table.items():
        kind = kinds.get(key)
        if isinstance(kind, Named) and kind.option in beside and kind.option in table:
            values[key] = kind.read_beside(value, place.at(key), table[kind.option], place)
        elif kind is not None:
            values[key] = kind.read(value, place.at(key))
        elif key in beside and beside[key] not in table:
            place.at(key).refuse_key(f"there is no {beside[key]} beside it to take it")
        elif key not in beside and key not in but:
            place.unknown_key(key, [*kinds, *beside, *but])
    for option in fields(cls):  # type: ignore[arg-type]
        if _is_required(option) and option.name not in table:
            place.missing(option.name)
    return cls(**values) if place.report.count == before else None


def _is_required(option: Field[Any]) -> bool:
    return option.default is MISSING and option.default_factory is MISSING


def field_kinds(cls: type) -> Mapping[str, Kind]:
    """The kind of each field of a dataclass of options."""
    return _field_kinds(cls)


@functools.cache
def _field_kinds(cls: type) -> Mapping[str, Kind]:
    hints = get_type_hints(cls, include_extras=True)
    return {option.name: kind_of(hints[option.name]) for option in fields(cls)}


def kind_of(hint: Any) -> Kind:
    """The kind of value an annotation asks for.

    Raises:
        TypeError: no value of a TOML file can be meant by it.
    """
    if get_origin(hint) is Annotated:
        return _annotated(*get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [kind_of(part) for part in get_args(hint) if part is not types.NoneType]
        return kinds[0] if len(kinds) == 1 else Either(kinds)
    if get_origin(hint) is tuple:
        first, *rest = get_args(hint)
        if rest == [Ellipsis]:
            return Listing(kind_of(first))
        return Fixed([kind_of(part) for part in (first, *rest)])
    if get_origin(hint) is np.ndarray:
        return Numbers()
    try:
        return _PLAIN[hint]
    except (KeyError, TypeError):
        if isinstance(hint, type) and is_dataclass(hint):
            return Table(hint)
        raise TypeError(f"no kind of value for the annotation {hint}") from None


def _annotated(hint: Any, *marks: Any) -> Kind:
    for mark in marks:
        match mark:
            case Kind():
                return mark
            case Choice(what=what, names=names):
                return Name(what, names)
            case Passage(most=most):
                return Letters(most)
            case Bounds():
                if hint not in (int, float):
                    raise TypeError(f"bounds are for a plain int or float, not {hint}")
                return Whole(mark) if hint is int else Real(mark)
    return kind_of(hint)


@final
@dataclass(frozen=True)
class Table(Kind):
    """A table of options: `query = { weight = … }`, or `query.weight = …`.

    Attributes:
        cls: the dataclass that says what the table may hold.
    """

    cls: type[Any]
    expected = "a table"

    def fits(self, value: object) -> bool:
        return isinstance(value, dict)

    def convert(self, value: Any, place: Place) -> Any:
        return read(self.cls, value, place)


@final
@dataclass(frozen=True)
class Tagged(Kind):
    """A table whose `type` names a dataclass of options; a bare name stands for one without.

    Attributes:
        what: the word for it in messages ("optimizer").
        registry: the dataclasses by name.
    """

    what: str
    registry: Mapping[str, type[Any]]
    expected = "a name or a table with a type"

    def fits(self, value: object) -> bool:
        return isinstance(value, str | dict)

    def convert(self, value: Any, place: Place) -> Any:
        table = value if isinstance(value, dict) else {"type": value}
        at = place.at("type") if isinstance(value, dict) else place
        cls = self.choose(table, place, at)
        rest = {key: v for key, v in table.items() if key != "type"}
        return None if cls is None else read(cls, rest, place)

    def choose(self, table: Entries, place: Place, at: Place) -> type[Any] | None:
        """The dataclass that the `type` of `table` names; None after a reported problem."""
        if "type" not in table:
            place.missing("type", f"is missing (one of {', '.join(self.registry)})")
            return None
        name = Name(self.what, self.registry).read(table["type"], at)
        return None if name is None else self.registry[name]


@final
@dataclass(frozen=True)
class Named(Kind):
    """A function by name, some of which take one number: `"elu"`, `{ type = "elu", alpha = 1 }`.

    Attributes:
        what: the word for it in messages ("activation").
        cls: made of the name and the number.
        names: each name's default number; None where it takes none.
        option: what the number is called. It may also stand beside the function's own key.
        bounds: of the number.
    """

    what: str
    cls: type
    names: Mapping[str, float | None]
    option: str
    bounds: Bounds = UNBOUND
    expected = "a name or a table with a type"

    def fits(self, value: object) -> bool:
        return isinstance(value, str | dict)

    def convert(self, value: Any, place: Place) -> Any:
        if isinstance(value, str):
            name = Name(self.what, self.names).read(value, place)
            return None if name is None else self._default(name)
        for key in value:
            if key not in ("type", self.option):
                place.unknown_key(key, ("type", self.option))
        if "type" not in value:
            place.missing("type", f"is missing (one of {', '.join(self.names)})")
            return None
        name = Name(self.what, self.names).read(value["type"], place.at("type"))
        if name is None or self.option not in value:
            return None if name is None else self._default(name)
        return self._with_number(name, value[self.option], place.at(self.option))

    def read_beside(self, value: object, place: Place, number: object, table: Place) -> Any:
        """A function whose `number` stands beside it in `table`."""
        at = table.at(self.option)
        if isinstance(value, dict):
            at.refuse_key(f"belongs into the table of the {self.what}")
        function = self.read(value, place)
        if function is None or not isinstance(value, str):
            return None
        return self._with_number(value, number, at)

    def _default(self, name: str) -> Any:
        default = self.names[name]
        return self.cls(name) if default is None else self.cls(name, default)

    def _with_number(self, name: str, value: object, place: Place) -> Any:
        if self.names[name] is None:
            place.refuse_key(f"{name} takes no {self.option}")
            return None
        number = Real(self.bounds).read(value, place)
        return None if number is None else self.cls(name, number)


_PLAIN: Final[Mapping[Any, Kind]] = {
    bool: Flag(),
    int: Whole(),
    float: Real(),
    str: Line(),
    Activation: Named("activation", Activation, ACTIVATIONS, "alpha"),
    Loss: Named("loss", Loss, LOSSES, "delta", Bounds(gt=0)),
    Initializer: Tagged("initialiser", INITIALIZERS),
    Optimizer: Tagged("optimizer", OPTIMIZERS),
    Schedule: Tagged("schedule", SCHEDULES),
}
"""The kinds of annotations that are a class."""
