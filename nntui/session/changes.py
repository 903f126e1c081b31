"""Everything the user has changed, in order: making a change, taking it back, making it again.

What has been run is never lost by that. Where training steps hang on a change that is taken back,
they stay as a branch, and the run goes on without the change on another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from nntui.session.branch import Branch
from nntui.session.edit import Edit, Moment
from nntui.session.timeline import Timeline


@dataclass(frozen=True)
class Change:
    """An edit, as it was made.

    Attributes:
        branch: the name of the branch that it is on.
        origin: the name of the branch that it was made from: another where it began one.
    """

    edit: Edit
    branch: str
    origin: str


@dataclass(frozen=True)
class Undone:
    """A change that has been taken back, or made again.

    Attributes:
        left: the name of the branch one was on.
        here: the name of the branch one is on now.
        kept: the name of the branch that still has the change; empty where none was kept for it.
    """

    edit: Edit
    left: str
    here: str
    kept: str = ""


@final
class Changes:
    """Makes changes, takes them back one by one, and makes them again.

    Attributes:
        made: those that stand, in the order in which they were made.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.made: list[Change] = []
        self._taken: list[tuple[Change, Undone]] = []

    def make(self, tensor: str, index: tuple[int, ...], value: float, name: str = "") -> Edit:
        """Change a number where the timeline is.

        Where the branch has been run on from here, that future is left as it is and a new branch
        begins.

        Args:
            name: of a branch to begin in any case.

        Raises:
            UsageError: there is a branch of that name.
        """
        timeline = self._timeline
        origin = timeline.branch.name
        if name:
            timeline.fork(name)
            timeline.branch.automatic = True
        edit = timeline.edit(tensor, index, value)
        self.made.append(Change(edit, timeline.branch.name, origin))
        self._taken.clear()
        return edit

    def undo(self) -> Undone | None:
        """Take the last change back, and go to the same op again without it.

        Returns:
            What was done; None where nothing has been changed.
        """
        if not self.made:
            return None
        timeline, change = self._timeline, self.made.pop()
        left = timeline.branch.name
        if change.edit not in timeline.branch.edits:
            timeline.switch(change.branch)
        branch, edit = timeline.branch, change.edit
        here = max((timeline.now.step, timeline.now.done), edit.moment)
        if branch.name == change.branch != change.origin in timeline.branches:
            timeline.switch(change.origin)
        elif edit.moment >= branch.fork and branch.unasked(edit.step):
            timeline.withdraw(edit)
            self._run_again(edit, here)
        else:
            timeline.fork_without(edit)
            self._run_again(edit, here)
        kept = "" if self._drop(branch) or edit not in branch.edits else branch.name
        undone = Undone(edit, left, timeline.branch.name, kept)
        self._taken.append((change, undone))
        return undone

    def redo(self) -> Undone | None:
        """Make the change again that was taken back last, and go to the same op again with it.

        Returns:
            What was done; None where nothing has been taken back since the last change.
        """
        if not self._taken:
            return None
        timeline, (change, undone) = self._timeline, self._taken.pop()
        left, edit = timeline.branch.name, change.edit
        if left != undone.here and undone.here in timeline.branches:
            timeline.switch(undone.here)
        branch = timeline.branch
        if undone.kept in timeline.branches:
            timeline.switch(undone.kept)
            self.made.append(change)
            self._drop(branch)
        else:
            here = max((timeline.now.step, timeline.now.done), edit.moment)
            named = change.branch != change.origin and change.branch not in timeline.branches
            timeline.reach(*edit.moment)
            waiting = list(self._taken)
            self.make(edit.tensor, edit.index, edit.value, change.branch if named else "")
            self._taken = waiting
            self._run_again(edit, here)
        return Undone(edit, left, timeline.branch.name)

    def _run_again(self, edit: Edit, here: Moment) -> None:
        """Go to the op at which the user was, on a branch that has not been there."""
        timeline = self._timeline
        timeline.reach(*here)
        timeline.branch.wanted, timeline.branch.given = edit.moment, timeline.branch.frontier

    def _drop(self, branch: Branch) -> bool:
        """Forget a branch that began by itself and that nothing hangs on; whether it was one."""
        timeline = self._timeline
        others = [one for one in timeline.branches.values() if one is not branch]
        made = {change.edit for change in self.made if change.branch == branch.name}
        if branch is timeline.branch or not branch.automatic or branch.parent is None:
            return False
        if made or not branch.unasked(branch.fork[0]):
            return False
        for one in others:
            if one.parent is branch and one is not timeline.branch:
                return False
        timeline.drop(branch)
        return True
