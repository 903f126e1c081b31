"""What if a number were another from here? The choices; each begins a branch."""

from __future__ import annotations

from collections.abc import Iterator

from nntui.session.frame import ParameterRow
from nntui.ui.edits import Offer, name_of, offers, rates_of
from nntui.ui.format import written
from nntui.ui.listings import Entry, Listed
from nntui.ui.scene import Scene
from nntui.ui.spans import Line

VERB = "whatif"

FACTORS = (("× 10", 10.0), ("× 3", 3.0), ("÷ 3", 1 / 3), ("÷ 10", 0.1))
"""What the learning rate may be multiplied with."""


def what_ifs(scene: Scene, row: ParameterRow | None) -> Listed:
    """Other learning rates, and other numbers for the neuron.

    Args:
        row: the one chosen among the parameters; None for the neuron's.
    """
    rates = [name_of(cell) for cell in rates_of(scene.frame)]
    entries = [entry for name in rates for entry in _rates(name, scene.frame.rates[name])]
    entries += _numbers(offers(scene, row, VERB), rates)
    numbered = [_numbered(k, entry) for k, entry in enumerate(entries, 1)]
    return Listed(
        "What if, from here", tuple(numbered), "a number or Enter begins a branch", "", digits=True
    )


def _rates(name: str, rate: float) -> Iterator[Entry]:
    for word, factor in FACTORS if rate else ():
        value = f"{rate * factor:.6g}"
        line: Line = (
            (f"{name} {word:<5}", "text"),
            (f"{written(float(value)):>9}", "strong"),
            (f"   it is {written(rate)}", "dim"),
        )
        yield Entry(line, f"{VERB} {name} = {value}")
    yield Entry(((f"{name} = …", "text"),), f"{VERB} {name} = ")


def _numbers(offered: list[Offer], rates: list[str]) -> Iterator[Entry]:
    """The first number of the neuron: nothing, its opposite, or any other."""
    settings = {f"{VERB} {name} = " for name in rates}
    first = next((offer for offer in offered if offer.line not in settings), None)
    if first is None:
        return
    cell = first.line.removeprefix(f"{VERB} ")
    value = first.hint.removeprefix(first.line)
    here: Line = ((f"   it is {value}", "dim"),)
    if float(value.replace("−", "-")):
        opposite = value[1:] if value.startswith("−") else f"−{value}"
        yield Entry(((f"{cell}0", "text"), *here), f"{first.line}0")
        yield Entry(((cell + opposite, "text"), *here), first.line + opposite)
    yield Entry(((f"{cell}…", "text"), *here), first.line)


def _numbered(number: int, entry: Entry) -> Entry:
    return Entry(((f"{number}  ", "accent bold"), *entry.line), entry.command)
