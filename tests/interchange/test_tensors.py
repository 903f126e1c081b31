"""Parameters in files: saved as they are, read only where they fit."""

from __future__ import annotations

import json
import os
import stat
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from nntui.engine.trainer import Trainer
from nntui.errors import RunError, UsageError
from nntui.interchange import tensors
from nntui.scenario import load


def trainer(name: str = "exam") -> Trainer:
    scenario = load(name)
    return Trainer(scenario.model, scenario.data)


def fitting(**changes: Any) -> dict[str, np.ndarray]:
    weights = {
        "hidden.weight": np.full((2, 2), 0.5),
        "hidden.bias": np.full(2, 0.25),
        "output.weight": np.full((1, 2), -1.0),
        "output.bias": np.zeros(1),
    }
    return {**weights, **{name.replace("_", "."): array for name, array in changes.items()}}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "exam.safetensors"
    first, second = trainer(), trainer()
    first.state.vectors["theta"] += 0.125

    tensors.write(first, path)
    tensors.read(second, path)

    assert first.state.vector.tobytes() == second.state.vector.tobytes()


def test_names_shapes_and_values_are_those_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "exam.safetensors"
    tensors.write(trainer(), path)

    found = load_file(path)

    assert {name: array.tolist() for name, array in found.items()} == {
        "hidden.weight": [[0.2, 0.3], [0.1, 0.4]],
        "hidden.bias": [0.5, 0.1],
        "output.weight": [[0.6, 0.8]],
        "output.bias": [0.2],
    }


def test_other_float_types_are_converted(tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_file({name: array.astype(np.float16) for name, array in fitting().items()}, path)
    run = trainer()

    tensors.read(run, path)

    assert run.state.dtype == np.float64
    assert run.memory(1).public("hidden.bias").tolist() == [0.25, 0.25]


def test_the_file_obeys_the_umask_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "exam.safetensors"
    old = os.umask(0o027)
    try:
        tensors.write(trainer(), path)
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()

    with pytest.raises(RunError, match="cannot be written"):
        tensors.write(trainer(), path)

    assert list(tmp_path.iterdir()) == [path]


def header(entries: Mapping[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(kind: str, shape: list[int], size: int) -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [0, size]}


def saved(**changes: Any) -> Callable[[Path], None]:
    return lambda path: save_file(fitting(**changes), path)


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def truncated(path: Path) -> None:
    save_file(fitting(), path)
    path.write_bytes(path.read_bytes()[:-5])


def enormous(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)


BAD = {
    "nothing": (raw(b""), "no safetensors file"),
    "junk": (raw(b"\xff" * 64), "no safetensors file"),
    "nested": (raw(struct.pack("<Q", 9000) + b"[" * 9000), "no safetensors file"),
    "truncated": (truncated, "no safetensors file"),
    "bfloat16": (raw(header({"a": entry("BF16", [4], 8)}, b"\0" * 8)), "no safetensors file"),
    "nan": (saved(hidden_bias=np.array([1.0, np.nan])), "hidden.bias holds a number"),
    "infinite": (saved(hidden_bias=np.array([1.0, -np.inf])), "hidden.bias holds a number"),
    "integers": (saved(hidden_bias=np.array([1, 2])), "no floating-point numbers"),
    "shape": (saved(hidden_bias=np.zeros(3)), r"has shape \(3,\), the network's has \(2,\)"),
    "stranger": (saved(more=np.zeros(3)), "more is no parameter"),
    "missing": (lambda path: save_file({"output.bias": np.zeros(1)}, path), "weight is missing"),
    "escape": (raw(header({"\x1b[2J": entry("F64", [1], 8)}, b"\0" * 8)), r"<U\+001B>"),
    "enormous": (enormous, "larger than"),
    "folder": (lambda path: path.mkdir(), "no regular file"),
    "pipe": (os.mkfifo, "no regular file"),
    "absent": (lambda _: None, "cannot be read"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_refused_and_changes_nothing(case: str, tmp_path: Path) -> None:
    make, message = BAD[case]
    path = tmp_path / "bad.safetensors"
    make(path)
    run = trainer()
    before = run.state.vector.tobytes()

    with pytest.raises(UsageError, match=message) as caught:
        tensors.read(run, path)

    assert run.state.vector.tobytes() == before
    assert all(line.isprintable() for line in str(caught.value).splitlines())


def test_all_that_does_not_fit_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    save_file({f"extra{k}": np.zeros(1) for k in range(30)}, path)

    with pytest.raises(UsageError) as caught:
        tensors.read(trainer(), path)

    lines = str(caught.value).splitlines()
    assert sum("is missing" in line for line in lines) == 4
    assert sum("is no parameter" in line for line in lines) == 10
    assert sum("20 more" in line for line in lines) == 1


def test_numbers_too_large_for_the_run_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.safetensors"
    scenario = load("exam")
    run = Trainer(scenario.model, scenario.data, "float32")
    save_file(fitting(hidden_bias=np.array([1e300, 0.0])), path)

    with pytest.raises(UsageError, match="not finite as float32"):
        tensors.read(run, path)
