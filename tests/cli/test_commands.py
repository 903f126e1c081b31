"""Every command: what it prints where, and its exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from nntui import __version__
from nntui.engine.trainer import Trainer, quiet
from nntui.scenario import bundled, load

COMMANDS = ["run", "resume", "list", "new", "check", "trace", "train", "completion"]


def test_version(nntui: Any) -> None:
    result = nntui("--version")

    assert (result.code, result.out, result.err) == (0, f"nntui {__version__}\n", "")


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_goes_to_standard_output(nntui: Any, command: str, flag: str) -> None:
    result = nntui(*filter(None, [command, flag]))

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: nntui {command}".rstrip())


def test_help_names_every_command(nntui: Any) -> None:
    out = nntui("--help").out

    for command in COMMANDS:
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["--frobnicate"],
        ["train"],
        ["train", "exam", "--frobnicate"],
        ["train", "exam", "--steps", "-1"],
        ["train", "exam", "--steps", "many"],
        ["train", "exam", "--steps", "1", "--epochs", "1"],
        ["trace", "exam", "--format", "xml"],
        ["completion", "tcsh"],
    ],
)
def test_wrong_usage_is_exit_code_2_on_standard_error(nntui: Any, arguments: list[str]) -> None:
    result = nntui(*arguments)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Usage: nntui")
    assert "Traceback" not in result.err


@pytest.mark.parametrize("command", ["run", "check", "trace", "train"])
def test_an_unknown_scenario_is_refused_with_the_nearest_name(nntui: Any, command: str) -> None:
    result = nntui(command, "exma")

    assert (result.code, result.out) == (2, "")
    assert "did you mean 'exam'?" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "check", "trace", "train"])
def test_a_bad_file_is_refused_with_its_position(nntui: Any, command: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('title = "x"\nsede = 1\n')

    result = nntui(command, path)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"{path}:")
    assert "'seed'" in result.err


@pytest.mark.parametrize("command", ["run", "check", "trace", "train"])
def test_what_a_scenario_cannot_be_stopped_at_or_watched_is_refused(
    nntui: Any, command: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    given = 'breakpoints = ["loss <", "hidden.z"]\nwatches = ["loss", "hiden.a", "hidden.a"]\n'
    path.write_text(given + load("exam").source)

    result = nntui(command, path)

    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        f"{path}:1:16: breakpoints[0]: a value is missing here (character 7 of 'loss <')",
        f"{path}:2:20: watches[1]: there is no tensor 'hiden.a' (character 1 of 'hiden.a')"
        " — did you mean 'hidden.a'?",
        f"{path}:2:31: watches[2]: this has 1 × 2 values; reduce it to one with max(), mean(), "
        "any(), … (character 1 of 'hidden.a')",
    ]


def test_list_has_a_line_for_each_scenario(nntui: Any) -> None:
    result = nntui("list")

    assert result.code == 0
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines] == [entry.name for entry in bundled()]
    assert all(line.endswith(e.title) for line, e in zip(lines, bundled(), strict=True))


def test_new_writes_a_scenario_that_passes_the_check(nntui: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"

    result = nntui("new", path, "--from", "iris")

    assert (result.code, result.out) == (0, "")
    assert str(path) in result.err
    assert nntui("check", path).code == 0


def test_new_never_overwrites(nntui: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("mine")

    result = nntui("new", path)

    assert (result.code, result.out) == (2, "")
    assert "exists already" in result.err
    assert path.read_text() == "mine"


@pytest.mark.parametrize("arguments", [["missing/x.toml"], ["x.toml", "--from", "nope"]])
def test_new_says_what_it_cannot_do(
    nntui: Any, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = nntui("new", *arguments)

    assert (result.code, result.out) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_check_counts(nntui: Any) -> None:
    assert nntui("check", "exam").out == (
        "exam: fine — 9 parameters, 20 ops a step, 1 rows to train on\n"
    )


def test_check_of_gradients_of_a_map_says_that_there_are_none(nntui: Any) -> None:
    result = nntui("check", "som_colors", "--gradients")

    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1].startswith("there is no gradient here")


def test_training_a_map_ends_with_its_two_errors(nntui: Any) -> None:
    result = nntui("train", "som_square", "--steps", "30")
    last = result.out.splitlines()[-1]

    assert result.code == 0
    assert re.match(r"train loss 0\.\d+  train quantisation error 0\.\d+  train topo", last)


def test_check_of_gradients_ends_with_the_worst_error(nntui: Any) -> None:
    result = nntui("check", "exam", "--gradients")

    last = result.out.splitlines()[-1]
    found = re.fullmatch(
        r"worst relative error (\S+) by central differences, (\S+) by complex step", last
    )
    assert result.code == 0
    assert found
    assert float(found[1]) <= 1e-7
    assert float(found[2]) <= 1e-12


def test_trace_prints_the_worked_example(nntui: Any) -> None:
    result = nntui("trace", "exam")

    assert (result.code, result.err) == (0, "")
    assert "z₁ = 0.2 × 3 + 0.3 × 7 + 0.5 = 3.2\n" in result.out
    assert "a = σ(1.545) = 0.824 (82.4 %)\n" in result.out


def test_trace_prints_records(nntui: Any) -> None:
    result = nntui("trace", "exam", "--steps", "2", "--format", "jsonl")

    found = [json.loads(line) for line in result.out.splitlines()]
    assert (result.code, result.err) == (0, "")
    assert {record["step"] for record in found} == {1, 2}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(nntui: Any, shell: str) -> None:
    result = nntui("completion", shell)

    assert (result.code, result.err) == (0, "")
    assert f"_NNTUI_COMPLETE={shell}_complete" in result.out


def test_completion_offers_scenarios_and_commands(
    nntui: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_NNTUI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "nntui train ex")
    monkeypatch.setenv("COMP_CWORD", "2")

    assert nntui().out.splitlines() == [
        *(f"plain,{name}" for name in ("exam", "exam4", "explode", "explode_cured")),
        "file,ex",
    ]

    monkeypatch.setenv("COMP_WORDS", "nntui tr")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert nntui().out.splitlines() == ["plain,trace", "plain,train"]


def test_run_without_a_terminal_is_one_line(nntui: Any) -> None:
    result = nntui("run", "exam")

    assert (result.code, result.out) == (2, "")
    assert "terminal" in result.err
    assert result.err.count("\n") == 1


# --- train ----------------------------------------------------------------------------------------


def test_train_ends_with_the_losses_and_accuracies(nntui: Any) -> None:
    result = nntui("train", "iris", "--epochs", "2")

    found = re.fullmatch(
        r"train loss (\S+)  test loss (\S+)  train accuracy (\S+) %  test accuracy (\S+) %\n",
        result.out,
    )
    assert (result.code, result.err) == (0, "")
    assert found
    scenario = load("iris")
    trainer = Trainer(scenario.model, scenario.data)
    run = trainer.runner()
    with quiet():
        for step in range(1, 2 * trainer.steps_per_epoch + 1):
            run(step)
    assert float(found[1]) == trainer.evaluate(scenario.data.train).loss
    assert scenario.data.test is not None
    assert float(found[2]) == trainer.evaluate(scenario.data.test).loss


def test_train_of_a_regression_has_no_accuracy(nntui: Any) -> None:
    result = nntui("train", "sine", "--steps", "3")

    assert re.fullmatch(r"train loss \S+(  test loss \S+)?\n", result.out)


def test_no_steps_save_the_initial_parameters(nntui: Any, tmp_path: Path) -> None:
    path = tmp_path / "exam.safetensors"

    result = nntui("train", "exam", "--steps", "0", "--save", path)

    assert (result.code, result.err) == (0, f"saved {path}\n")
    assert {name: array.tolist() for name, array in load_file(path).items()} == {
        "hidden.weight": [[0.2, 0.3], [0.1, 0.4]],
        "hidden.bias": [0.5, 0.1],
        "output.weight": [[0.6, 0.8]],
        "output.bias": [0.2],
    }


def test_what_is_saved_can_be_loaded(nntui: Any, tmp_path: Path) -> None:
    path = tmp_path / "exam.safetensors"
    trained = nntui("train", "exam", "--steps", "100", "--save", path)

    loaded = nntui("train", "exam", "--steps", "0", "--load", path)

    assert loaded.out == trained.out


def test_steps_and_epochs_of_the_scenario(nntui: Any) -> None:
    scenario = load("exam")
    epochs = scenario.model.training.epochs

    assert nntui("train", "exam").out == nntui("train", "exam", "--epochs", str(epochs)).out
    assert nntui("train", "exam", "--steps", "7").out == nntui("train", "exam", "--epochs", "7").out


def test_a_file_that_does_not_fit_is_refused(nntui: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"\xff" * 50)

    result = nntui("train", "exam", "--load", path)

    assert (result.code, result.out) == (2, "")
    assert result.err == f"nntui: {path}: is no safetensors file of float tensors\n"


@pytest.mark.parametrize("target", ["", "missing/x.safetensors"])
def test_where_nothing_can_be_saved_nothing_is_trained(
    nntui: Any, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nntui.cli._train", lambda *_: pytest.fail("it trains"))

    result = nntui("train", "exam", "--save", tmp_path / target)

    assert (result.code, result.out) == (2, "")


def test_a_run_that_fails_names_the_step_and_the_op(nntui: Any, diverging: Path) -> None:
    result = nntui("train", diverging)

    assert (result.code, result.out) == (1, "")
    found = re.fullmatch(
        rf"nntui: {re.escape(str(diverging))}: the run failed in training step (\d+): "
        rf"(\S+)\[.*\] of sample (\d+) became (\S+) \(op (\d+), \w+\) from \S+\.\S+.* = \S+ "
        rf"— see how: nntui trace {re.escape(str(diverging))} --steps \1\n",
        result.err,
    )
    assert found
    step, tensor, sample, became, op = found.groups()
    records = [
        json.loads(line)
        for line in nntui("trace", diverging, "--steps", step, "--format", "jsonl").out.splitlines()
    ]
    first = next(r for r in records if re.search(r'"(nan|-?inf)"', json.dumps(r["value"])))
    assert (first["step"], first["op"], first["output"]) == (int(step), int(op), tensor)
    assert became in json.dumps(first["value"][int(sample) - 1])


def test_a_run_that_fails_in_its_last_step_is_noticed(nntui: Any, diverging: Path) -> None:
    failed = nntui("train", diverging)
    step = re.search(r"training step (\d+)", failed.err)
    assert step

    assert nntui("train", diverging, "--steps", step[1]).err == failed.err
    assert nntui("train", diverging, "--steps", str(int(step[1]) - 1)).code == 0
