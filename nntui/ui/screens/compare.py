"""Two branches side by side, over the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from nntui.session.comparison import Comparison
from nntui.ui.edits import edit_text
from nntui.ui.errand import carry_out
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.comparison import Page, comparison_lines
from nntui.ui.spans import Line, cut, plain
from nntui.ui.stepper import Stepper
from nntui.ui.widgets.painted import Painted

KEYS = (
    "Enter goes there   Tab other side   ← → other branch   r ratio   s step   L log   Esc closes",
    "Enter goes there  Tab side  ← → branch  r ratio  s step  L log  Esc",
    "Enter goes there  Esc closes",
)
"""What the keys do, as much as fits."""


class ComparisonText(Painted):
    """The page as a widget."""

    page: Page

    def show(self, page: Page) -> None:
        """Draws another page, or the same otherwise."""
        self.page = page
        self.draw()

    def on_resize(self) -> None:
        """Fits the size."""
        self.draw()

    def draw(self) -> None:
        """Draws the page in its frame."""
        cells, rows = self.size
        if cells < 20 or rows < 8:
            return
        names = " and ".join(side.name for side in self.page.found.sides)
        title: Line = ((cut(f"Compare {names}", cells - 8), "strong bold"),)
        keys = next((keys for keys in KEYS if len(keys) + 6 <= cells), "")
        body = [((" ", "text"), *line) for line in self.lines_in(cells - 4, rows - 2)]
        foot: Line = ((keys, "dim"),)
        self.paint(framed(body, cells, rows, title=title, footer=foot, style="accent"))

    def lines_in(self, cells: int, rows: int) -> list[Line]:
        """What is inside the frame."""
        return comparison_lines(self.page, cells, rows)


class CompareScreen(ModalScreen[str]):
    """Compares two branches; its result is the commands that go where Enter was pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,v", "leave", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("g,home", "move(-1000000)", show=False),
        Binding("G,end", "move(1000000)", show=False),
        Binding("tab,shift+tab", "side", show=False),
        Binding("left,h", "branch(-1)", show=False),
        Binding("right,l", "branch(1)", show=False),
        Binding("r", "rank", show=False),
        Binding("s", "step", show=False),
        Binding("L", "scale", show=False),
        Binding("y", "copy", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, session: Stepper, left: str, right: str) -> None:
        super().__init__()
        self._session = session
        self._latest = False
        self._text = ComparisonText(id="comparison")
        # The branch the session is on is the one to go to.
        here = session.timeline.branch.name
        self._begin(left, right, side=1 if right == here else 0)

    def compose(self) -> ComposeResult:
        """The page."""
        yield self._text

    def on_mount(self) -> None:
        """Begins to find out."""
        self._find_out()

    def action_move(self, by: int) -> None:
        """Chooses another line."""
        page = self._text.page
        self._show(replace(page, cursor=min(max(page.cursor + by, 0), page.entries - 1)))

    def action_side(self) -> None:
        """Enter goes to the other branch."""
        self._show(replace(self._text.page, side=1 - self._text.page.side))

    def action_branch(self, by: int) -> None:
        """Compares another branch, on the side that Enter goes to."""
        page = self._text.page
        names = [side.name for side in page.found.sides]
        other = names[1 - page.side]
        free = [name for name in self._session.timeline.branches if name != other]
        names[page.side] = free[(free.index(names[page.side]) + by) % len(free)]
        self._begin(*names, side=page.side)
        self._find_out()

    def action_rank(self) -> None:
        """The numbers in the other order."""
        page = self._text.page
        self._show(replace(page, by_ratio=not page.by_ratio))

    def action_step(self) -> None:
        """At the cursor's step, or at the last that both have come to."""
        self._latest = not self._latest
        page = self._text.page
        self._begin(*(side.name for side in page.found.sides), side=page.side)
        self._find_out()

    def action_scale(self) -> None:
        """The losses on the other scale."""
        self._show(replace(self._text.page, log=not self._text.page.log))

    def action_copy(self) -> None:
        """The page to the clipboard."""
        page = self._text.page
        rows = page.entries + 40
        lines = comparison_lines(replace(page, cursor=-1), 100, rows)
        text = "\n".join(plain(line).rstrip() for line in lines).rstrip() + "\n"
        self.app.copy_to_clipboard(text)
        self.notify("Copied.", timeout=4)

    def action_choose(self) -> None:
        """Leaves for the place that the chosen line tells of, on the branch of the chosen side."""
        place = self._place()
        if place is None:
            return
        branch = self._text.page.found.sides[self._text.page.side].name
        here = self._session.timeline.branch.name
        switch = f"branch {branch}\n" if branch != here else ""
        self.dismiss(f"{switch}goto step {place[0]} op {place[1]}")

    def action_leave(self) -> None:
        """Leaves everything as it was."""
        self.dismiss("")

    def _place(self) -> tuple[int, int] | None:
        """Where the chosen line is, as a step and an op."""
        page = self._text.page
        found, first = page.found, page.found.first
        if page.cursor == 0:
            return found.fork
        if page.cursor == 1:
            return (first.step, first.op) if first else None
        tensor = page.numbers[page.cursor - 2].cell.tensor
        made = [op.number for op in page.ops if op.output == tensor]
        return max(found.step, 1), made[-1] if made else len(page.ops)

    def _begin(self, left: str, right: str, *, side: int) -> None:
        """Shows what is known at once."""
        found = self._session.study.compare(left, right, latest=self._latest)
        frame = self._session.frame
        one, other = (tuple(edit_text(e, frame) for e in s.edits) for s in found.sides)
        page = Page(found, self._session.network.ops, (one, other), side=side, share=0.0)
        self._text.page = page

    def _show(self, page: Page) -> None:
        self._text.show(page)

    @work(exclusive=True)
    async def _find_out(self) -> None:
        """Finds out the rest, and tells how far it has come."""

        def report(share: float) -> None:
            self._show(replace(self._text.page, share=share))

        work: Comparison = await carry_out(
            self._session.study.complete(self._text.page.found), report
        )
        page = replace(self._text.page, found=work, share=None)
        self._show(replace(page, cursor=1 if work.first and not page.cursor else page.cursor))


def pair(session: Stepper, wanted: Sequence[str]) -> tuple[str, str] | None:
    """Which two branches to compare; None where there is only one.

    Of one that is wanted, with the one the session is on; else that one with where it came from, or
    with the newest.
    """
    timeline = session.timeline
    here, parent = timeline.branch.name, timeline.branch.parent
    others = [name for name in timeline.branches if name != here]
    if len(wanted) > 1:
        return wanted[0], wanted[1]
    if wanted and wanted[0] != here:
        return wanted[0], here
    if not others:
        return None
    return (parent.name if parent else others[-1]), here
