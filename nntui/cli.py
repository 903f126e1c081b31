"""The command line: parse, load, call, print.

Results go to standard output, messages to standard error. What is heavy is imported by the command
that needs it, so that `nntui --help` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click
from click.shell_completion import get_completion_class

from nntui import __version__
from nntui.argument import ScenarioName, scenario_argument
from nntui.errors import NntuiError, RunError, UsageError
from nntui.memory import budget, check_memory, memory_option
from nntui.progress import lasting, training
from nntui.ui.typeahead import Typeahead

if TYPE_CHECKING:
    from nntui.engine.trainer import Score, Trainer
    from nntui.scenario import Scenario
    from nntui.session.recorder import Recorder
    from nntui.session.session import Session

_INTERRUPTED: Final = 130
_SLICE: Final = 64


def main() -> NoReturn:
    """Run the command line and exit: 0 fine, 1 the run failed, 2 bad input, 130 interrupted."""
    _speak_utf8()
    try:
        code = nntui.main(prog_name="nntui", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except NntuiError as error:
        click.echo(_message(error), err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        code = _INTERRUPTED
    except (_UnreadError, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


class _UnreadError(Exception):
    """Whoever read our output has seen enough (`nntui trace exam | head`)."""


class _Commands(click.Group):
    """Tells a pipe that nobody reads any more from a failure; click itself calls both 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _UnreadError from None


def _message(error: NntuiError) -> str:
    problems = getattr(error, "problems", None)
    return str(error) if problems else f"nntui: {error}"


def _speak_utf8() -> None:
    """Formulas need more than ASCII; where the encoding cannot say a sign, show a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="nntui", message="%(prog)s %(version)s")
def nntui() -> None:
    """A debugger for neural networks in the terminal.

    Step through training one operation at a time, forward and backward, with every number put into
    its formula.

    SCENARIO is a TOML file or the name of a bundled scenario; `nntui list` shows those. Begin with:

        nntui run exam
    """


@nntui.command()
@scenario_argument
@memory_option
def run(scenario: str, allow_outside: bool, memory: int | None) -> None:
    """Open SCENARIO in the app and step through it; `nntui resume` comes back to where it was."""
    with Typeahead() as typed:
        loaded = _load(scenario, allow_outside)
        from nntui.scenario.bundle import find
        from nntui.session.session import Session
        from nntui.session.sessions import record

        session = Session(loaded, budget(memory))
        check_memory(session, memory)
        folder = (find(scenario) or Path(scenario)).parent
        _show(session, record(session, folder, outside=allow_outside), typed)


@nntui.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--allow-outside", is_flag=True, help="Let its scenario read data files outside its "
              "own folder.")  # fmt: skip
@memory_option
def resume(file: Path | None, allow_outside: bool, memory: int | None) -> None:
    """Come back to a saved session: the newest, or the one in FILE."""
    from nntui.session.resume import Way
    from nntui.session.sessions import resume_file, resume_newest

    with Typeahead() as typed:
        with lasting("running it again") as report:
            way = Way(allow_outside=allow_outside, budget=budget(memory), report=report)
            resumed = resume_newest(way) if file is None else resume_file(file, way)
        check_memory(resumed.session, memory)
        _show(resumed.session, resumed.recorder, typed, resumed.notice, resumed=True)


def _show(
    session: Session,
    recorder: Recorder,
    typed: Typeahead,
    notice: str = "",
    *,
    resumed: bool = False,
) -> None:
    """Open a session in the app, and keep a record of it."""
    from nntui.ui import app

    try:
        code = app.run(session, recorder.note, notice, resumed, typed.release)
    finally:
        recorder.close()
    if recorder.problem:
        click.echo(f"nntui: {recorder.problem}", err=True)
    if code:
        sys.exit(code)


@nntui.command("list")
def list_() -> None:
    """Show the bundled scenarios, a line each."""
    from nntui.scenario import bundled

    entries = bundled()
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        click.echo(f"{entry.name:<{width}}  {entry.title}")


@nntui.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "source", metavar="NAME", default="exam", show_default=True,
              type=ScenarioName(), help="The bundled scenario to start from.")  # fmt: skip
def new(file: Path, source: str) -> None:
    """Write a starter scenario to FILE; never overwrites."""
    from nntui.scenario import starter

    text = starter(source)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise UsageError(f"{file}: exists already, and is left as it is") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror or error}") from None
    click.echo(f"wrote {file} — open it with: nntui run {file}", err=True)


@nntui.command()
@scenario_argument
@click.option("--gradients", is_flag=True, help="Compare every gradient with central differences "
              "and with the complex step.")  # fmt: skip
def check(scenario: str, allow_outside: bool, gradients: bool) -> None:
    """Check SCENARIO, and with --gradients every gradient of its first training step."""
    loaded = _load(scenario, allow_outside)
    from nntui.engine.trainer import Trainer

    trainer = Trainer(loaded.model, loaded.data)
    _check_wanted(loaded, trainer)
    parameters, ops = trainer.program.size, len(trainer.program.ops)
    rows, held = len(loaded.data.train), len(loaded.data.test or ())
    text = f"fine — {parameters} parameters, {ops} ops a step, {rows} rows to train on"
    click.echo(f"{loaded.origin}: {text}" + (f", {held} to test with" if held else ""))
    if gradients:
        _check_gradients(loaded)


def _check_gradients(loaded: Scenario) -> None:
    from nntui.engine.gradcheck import check_gradients, tolerable
    from nntui.interchange import checks

    with lasting("comparing gradients") as report:
        found = check_gradients(loaded.model, loaded.data, report=report)
    for line in checks.lines(found):
        click.echo(line)
    if not tolerable(found):
        raise RunError("a gradient does not agree with the loss")


@nntui.command()
@scenario_argument
@click.option("--steps", type=click.IntRange(min=0), help="Training steps (1; with --until, the "
              "scenario's epochs at the most).")  # fmt: skip
@click.option("--until", default="", metavar="EXPR", help="End where this is first true: "
              "'loss < 0.05'.")  # fmt: skip
@click.option("--break", "breaks", multiple=True, metavar="EXPR", help="Print only where this "
              "comes true, or this op: 'hidden.z'.")  # fmt: skip
@click.option("--watch", "watches", multiple=True, metavar="EXPR", help="Print the value of this "
              "with every op.")  # fmt: skip
@click.option("--format", "style", type=click.Choice(["text", "jsonl"]), default="text",
              show_default=True, help="The worked example, or a JSON record per op.")  # fmt: skip
@memory_option
def trace(
    scenario: str,
    allow_outside: bool,
    steps: int | None,
    until: str,
    breaks: tuple[str, ...],
    watches: tuple[str, ...],
    style: str,
    memory: int | None,
) -> None:
    """Print every op of SCENARIO as it runs."""
    from nntui.interchange.script import Script
    from nntui.session.session import Session

    session = Session(_load(scenario, allow_outside), budget(memory))
    check_memory(session, memory)
    if steps is None:
        network = session.network
        steps = network.epochs * network.steps_per_epoch if until else 1
    script = Script(session, steps, until=until, breaks=breaks, watches=watches)
    if style == "jsonl":
        from nntui.interchange.jsonl import records as lines
    else:
        from nntui.interchange.text import lines
    for line in lines(script):
        click.echo(line)


@nntui.command()
@scenario_argument
@click.option("--steps", type=click.IntRange(min=0), help="Training steps to run.")
@click.option("--epochs", type=click.IntRange(min=0), help="Epochs to run (else the scenario's).")
@click.option("--save", type=click.Path(path_type=Path), help="Save the parameters here "
              "(safetensors).")  # fmt: skip
@click.option("--load", type=click.Path(path_type=Path), help="Begin with the parameters saved "
              "there.")  # fmt: skip
def train(
    scenario: str,
    allow_outside: bool,
    steps: int | None,
    epochs: int | None,
    save: Path | None,
    load: Path | None,
) -> None:
    """Train SCENARIO at full speed, without the app.

    The last line has the final losses, and accuracies for a classification.
    """
    if steps is not None and epochs is not None:
        raise click.UsageError("--steps and --epochs cannot be used together")
    loaded = _load(scenario, allow_outside)
    from nntui.engine.trainer import Trainer
    from nntui.interchange import tensors

    if save is not None:
        _check_target(save)
    trainer = Trainer(loaded.model, loaded.data)
    _check_wanted(loaded, trainer)
    if load is not None:
        tensors.read(trainer, load)
    if steps is None:
        wanted = loaded.model.epochs if epochs is None else epochs
        steps = wanted * trainer.steps_per_epoch
    fault: tuple[int, str] | None = None
    try:
        with training(steps) as advance:
            fault = _train(loaded, trainer, steps, advance)
    finally:
        # What an interrupted run has learned is kept; what is not finite is of no use.
        if save is not None and trainer.is_finite:
            tensors.write(trainer, save)
            click.echo(f"saved {save}", err=True)
    if fault is not None:
        raise RunError(_describe(loaded, *fault, reproducible=load is None))
    scores = [("train", trainer.evaluate(loaded.data.train))]
    if loaded.data.test is not None:
        scores.append(("test", trainer.evaluate(loaded.data.test)))
    click.echo(_summary(scores))


def _train(
    loaded: Scenario, trainer: Trainer, steps: int, advance: Callable[[int], None]
) -> tuple[int, str] | None:
    """Run training steps; where a number is not finite, stop and say at which step, and where."""
    import math

    from nntui.engine.trainer import quiet

    with quiet():
        step = trainer.runner()
        for first in range(1, steps + 1, _SLICE):
            last = min(first + _SLICE - 1, steps)
            origin = trainer.state.vector.copy()
            fine = all(math.isfinite(step(k)) for k in range(first, last + 1))
            if not (fine and trainer.is_finite):
                from nntui.session.fault import locate

                return locate(loaded, trainer, first, last, origin)
            advance(last - first + 1)
    return None


def _describe(loaded: Scenario, step: int, what: str, *, reproducible: bool) -> str:
    text = f"{loaded.origin}: the run failed in training step {step}: {what}"
    if not reproducible:
        return text
    return f"{text} — see how: nntui trace {loaded.origin} --steps {step}"


def _check_target(path: Path) -> None:
    """Say before a long run that its result could not be saved."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"{path}: its folder does not exist")
    if path.is_dir():
        raise UsageError(f"{path}: is a folder")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{path}: its folder cannot be written to")


def _summary(scores: list[tuple[str, Score]]) -> str:
    parts = [f"{name} loss {score.loss!r}" for name, score in scores]
    parts += [
        f"{name} {what} {measure}"
        for name, score in scores
        for what, measure in score.measures.items()
    ]
    return "  ".join(parts)


@nntui.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    For bash: nntui completion bash >> ~/.bashrc
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(nntui, {}, "nntui", "_NNTUI_COMPLETE").source())


def _load(scenario: str, allow_outside: bool) -> Scenario:
    from nntui.scenario import load

    return load(scenario, allow_outside=allow_outside)


def _check_wanted(loaded: Scenario, trainer: Trainer) -> None:
    """Check what the scenario wants to be stopped at and watched, which these commands do not."""
    if loaded.breakpoints or loaded.watches:
        from nntui.session.wanted import check_wanted

        check_wanted(loaded, trainer)
