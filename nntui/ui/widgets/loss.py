"""The loss over time."""

from __future__ import annotations

from textual.message import Message

from nntui.session.frame import Curve
from nntui.ui.format import loss as loss_text
from nntui.ui.renderables.plot import Series, plot_lines
from nntui.ui.renderables.watches import watch_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line, centred, stack
from nntui.ui.widgets.pane import Pane

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
        watches = watch_lines(scene.frame.watches, cells, max(rows // 2, 1), chosen)
        above = rows - len(watches)
        return [*stack(self._curves(scene, cells, above), above), *watches]

    def _curves(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The plot, or a word where there is nothing to plot yet."""
        train, test, past = scene.frame.train, scene.frame.test, scene.past
        curves = [train, past.whole, *(curve for _, curve in past.others)]
        if all(len(curve.y) < 2 for curve in curves):
            word = "the curve starts at step 2" if train.y else "no loss yet"
            return [()] * (rows // 2) + [centred(((word, "dim"),), cells)]
        key = (train, test, past.whole, past.others, cells, rows, scene.log)
        self._shown += 1
        skipped = scene.running and self._plot and self._shown % EVERY
        if key != self._key and not skipped:
            series = [Series(curve.x, curve.y, "dim") for _, curve in past.others]
            series.append(_after(past.whole, train))
            series += [Series(train.x, train.y, "accent"), Series(test.x, test.y, "backward")]
            self._plot = plot_lines(series, cells, rows, log=scene.log)
            self._key = key
        if not self._plot:
            self._key = None
            return [()] * (rows // 2) + [centred((("nothing finite to plot", "error"),), cells)]
        return self._plot

    def caption(self, scene: Scene) -> Line:
        """The legend."""
        frame = scene.frame
        parts: list[tuple[str, str]] = [("  ", "text"), ("━ train", "accent")]
        if frame.test.y:
            parts += [
                ("  ", "text"),
                ("━ test", "backward"),
                (f" {loss_text(frame.test.y[-1]).strip()}", "dim"),
            ]
        if scene.past.ahead:
            parts += [("  ━", "faint"), (" later", "dim")]
        parts += [(f"  ━ {name}", "dim") for name, _ in scene.past.others]
        return tuple(parts)

    def foot(self, scene: Scene) -> Line:
        """How far the training is, and the scale."""
        scale = "log" if scene.log else "linear"
        if atlas := scene.atlas:
            errors = f"QE {atlas.quantisation:.3g}  TE {atlas.topographic:.1%}"
            return ((f"{errors} · {scale}", "dim"),)
        return ((f"epoch {scene.frame.epoch}/{scene.network.epochs} · {scale}", "dim"),)


def _after(whole: Curve, train: Curve) -> Series:
    """What is known of the losses after the cursor, joined to those before."""
    last = train.x[-1] if train.x else 0.0
    pairs = [(x, y) for x, y in zip(whole.x, whole.y, strict=True) if x > last]
    if pairs and train.x:
        pairs.insert(0, (last, train.y[-1]))
    return Series([x for x, _ in pairs], [y for _, y in pairs], "faint")
