"""The argument SCENARIO of the commands."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.shell_completion import CompletionItem


class ScenarioName(click.ParamType[str]):
    """A path or the name of a bundled scenario, completed in the shell."""

    name = "scenario"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that begin so, and files."""
        from nntui.scenario import bundled

        names = [
            CompletionItem(entry.name, help=entry.title)
            for entry in bundled()
            if entry.name.startswith(incomplete)
        ]
        return [*names, CompletionItem(incomplete, type="file")]


def scenario_argument(command: Callable[..., None]) -> Callable[..., None]:
    """SCENARIO, and leave to read files outside its folder."""
    command = click.option(
        "--allow-outside",
        is_flag=True,
        help="Let the scenario read data files outside its own folder.",
    )(command)
    return click.argument("scenario", type=ScenarioName())(command)
