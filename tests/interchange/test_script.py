"""Traces for scripts: where they end, what they print, and what goes with every op."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from nntui.errors import RunError
from nntui.interchange.jsonl import records
from nntui.interchange.script import Script
from nntui.scenario import load
from nntui.session.session import Session


def trace(name: str, steps: int = 200, **options: object) -> list[dict]:
    script = Script(Session(load(name)), steps, **options)
    return [json.loads(line) for line in records(script)]


def test_a_trace_ends_where_its_condition_comes_true() -> None:
    found = trace("exam", until="loss < 0.1")
    losses = [r["value"] for r in found if r["output"] == "loss"]

    assert found[-1]["output"] == "loss"
    assert losses[-1] < 0.1
    assert all(loss >= 0.1 for loss in losses[:-1])


def test_only_the_ops_of_a_break_are_printed() -> None:
    found = trace("exam", 3, breaks=["hidden.a", "loss.grad"])

    assert [(r["step"], r["output"]) for r in found] == [
        (step, output) for step in (1, 2, 3) for output in ("hidden.a", "loss.grad")
    ]


def test_watches_go_with_every_op_and_are_null_until_known() -> None:
    found = trace("exam", 2, watches=["loss", "prev(loss)"])
    first = {r["output"]: r["watches"] for r in found if r["step"] == 1}
    second = {r["output"]: r["watches"] for r in found if r["step"] == 2}
    loss = next(r["value"] for r in found if r["output"] == "loss")

    assert first["output.a"] == {"loss": None, "prev(loss)": None}
    assert first["loss"] == {"loss": loss, "prev(loss)": None}
    assert second["loss"]["prev(loss)"] == loss


def test_a_condition_that_never_comes_true_fails_the_run() -> None:
    with pytest.raises(RunError, match="within 2 training steps"):
        trace("exam", 2, until="loss < 0")


def test_a_wrong_expression_is_refused_before_anything_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nntui", "trace", "exam", "--until", "hiden.z > 1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert "did you mean 'hidden.z'?" in done.stderr
    assert "Traceback" not in done.stderr
