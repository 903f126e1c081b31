"""The loss over time."""

from __future__ import annotations

from typing import Final

from textual.message import Message

from nntui.session.frame import Curve
from nntui.session.rivalry import short_name
from nntui.ui.format import loss as loss_text
from nntui.ui.renderables.coverage import coverage_line
from nntui.ui.renderables.plot import LEAST, Series, plot_lines
from nntui.ui.renderables.watches import watch_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import BLANK, Line, centred, entries, pad, stack
from nntui.ui.widgets.pane import Pane

LOW: Final = 10
"""The height below which the watches stand beside the plot, where there is room, not below it."""

ROOMY: Final = 30
"""Cells of a plot beside which there is room for the watches."""

_BESIDE: Final = 38
_BETWEEN: Final = 2

EVERY = 3
"""While the session runs the plot is drawn anew at every so many redraws only."""


class LossPane(Pane):
    """Train and test loss up to the cursor; plotted anew only when they have changed."""

    NUMBER = 5
    TITLE = "Loss"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._key: object = None
        self._plot: list[Line] = []
        self._shown = 0
        self._chosen = 0

    class Followed(Message):
        """The course of the loss, or of the chosen watch, is asked for."""

    @property
    def chosen(self) -> int:
        """Which watch is chosen, from 1; 0 for the loss."""
        return min(self._chosen, len(self.scene.frame.watches) if self.scene else 0)

    def action_move(self, across: int, down: int) -> None:
        """Chooses another watch."""
        most = len(self.scene.frame.watches) if self.scene else 0
        self._chosen = min(max(self.chosen + down, 0), most)
        self.repaint()

    def action_activate(self) -> None:
        """Asks for the course of what is chosen."""
        self.post_message(self.Followed())

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The plot, and below it the watches."""
        chosen = self.chosen - 1 if self.has_focus else -1
        wide = cells - _BESIDE - _BETWEEN
        if scene.frame.watches and rows < LOW and wide >= ROOMY:
            left = stack(self._curves(scene, wide, rows), rows)
            right = stack(self._numbers(scene, _BESIDE, rows, chosen), rows)
            pairs = zip(left, right, strict=True)
            return [(*pad(a, wide + _BETWEEN), *b) for a, b in pairs]
        below = self._numbers(scene, cells, max(rows // 2, 1), chosen)
        above = rows - len(below)
        return [*stack(self._curves(scene, cells, above), above), *below]

    def _numbers(self, scene: Scene, cells: int, rows: int, chosen: int) -> list[Line]:
        """How well the data are covered, where that is measured, and the watches."""
        match = scene.match
        covered = coverage_line(match.rivalry, match.duel, cells) if match else BLANK
        lines = [covered] if covered else []
        return lines + watch_lines(scene.frame.watches, cells, rows - len(lines), chosen)

    def _curves(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The plot, or a word where there is nothing to plot yet."""
        if cells < LEAST[0] or rows < LEAST[1]:
            word = "no room for the curves" if self.screen.maximized is self else "z: the curves"
            return [()] * (rows // 2) + [centred(((word, "dim"),), cells)]
        train, test, past = scene.frame.train, scene.frame.test, scene.past
        players = players_of(scene)
        own = [curve for _, curve, _ in players]
        curves = own or [train, past.whole, *(curve for _, curve in past.others)]
        if all(len(curve.y) < 2 for curve in curves):
            word = "the curve starts at step 2" if train.y else "no loss yet"
            return [()] * (rows // 2) + [centred(((word, "dim"),), cells)]
        key = (own, train, test, past.whole, past.others, cells, rows, scene.log)
        self._shown += 1
        skipped = scene.running and self._plot and self._shown % EVERY
        if key != self._key and not skipped:
            series = [Series(curve.x, curve.y, "dim") for _, curve in past.others]
            series.append(_after(past.whole, train))
            series += [Series(train.x, train.y, "accent"), Series(test.x, test.y, "backward")]
            if own:
                series = [Series(curve.x, curve.y, style) for _, curve, style in players]
            self._plot = plot_lines(series, cells, rows, log=scene.log)
            self._key = key
        if not self._plot:
            self._key = None
            return [()] * (rows // 2) + [centred((("nothing finite to plot", "error"),), cells)]
        return self._plot

    def caption(self, scene: Scene) -> Line:
        """The legend, as much of it as there is room for."""
        return entries(_legend(scene), self.room_for_caption(scene))

    def foot(self, scene: Scene) -> Line:
        """How far the training is, and the scale."""
        scale = "log" if scene.log else "linear"
        if atlas := scene.atlas:
            errors = f"QE {atlas.quantisation:.3g}  TE {atlas.topographic:.1%}"
            return ((f"{errors} · {scale}", "dim"),)
        return ((f"epoch {scene.frame.epoch}/{scene.network.epochs} · {scale}", "dim"),)


def players_of(scene: Scene) -> list[tuple[str, Curve, str]]:
    """Each player's loss at the steps seen, as far as both are watched: its name and its style."""
    if scene.match is None:
        return []
    watched = {row.text: row.curve for row in scene.frame.watches}
    losses = scene.match.rivalry.losses.values()
    if not all(loss in watched and watched[loss].x for loss in losses):
        return []
    return [
        (f"L_{short_name(loss)}", watched[loss], style)
        for loss, style in zip(losses, ("accent", "backward"), strict=True)
    ]


def _legend(scene: Scene) -> list[Line]:
    """What each curve is."""
    if players := players_of(scene):
        return [((f"  ━ {name}", style),) for name, _, style in players]
    parts: list[Line] = [(("  ━ train", "accent"),)]
    if test := scene.frame.test.y:
        parts.append((("  ━ test", "backward"), (f" {loss_text(test[-1]).strip()}", "dim")))
    if scene.past.ahead:
        parts.append((("  ━", "faint"), (" later", "dim")))
    return parts + [((f"  ━ {name}", "dim"),) for name, _ in scene.past.others]


def _after(whole: Curve, train: Curve) -> Series:
    """What is known of the losses after the cursor, joined to those before."""
    last = train.x[-1] if train.x else 0.0
    pairs = [(x, y) for x, y in zip(whole.x, whole.y, strict=True) if x > last]
    if pairs and train.x:
        pairs.insert(0, (last, train.y[-1]))
    return Series([x for x, _ in pairs], [y for _, y in pairs], "faint")
