"""Parameters in and out, as safetensors files under the names of the contract."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from nntui.engine.machine import parameters_of
from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.errors import RunError, UsageError
from nntui.scenario.text import shorten

_LARGEST: Final = 1 << 30
_MOST: Final = 10
"""Names that are not ours, of which so many are listed."""


def write(trainer: Trainer, path: Path) -> None:
    """Save the parameters and running statistics; the file appears whole or not at all.

    Raises:
        RunError: the file cannot be written.
    """
    tensors = {
        name: np.ascontiguousarray(array) for name, array in parameters_of(trainer.state).items()
    }
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(save(tensors))
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        finally:
            # Where it has become the file, there is nothing left of it.
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from None


def read(trainer: Trainer, path: Path) -> None:
    """Set the parameters and running statistics from a file.

    Raises:
        UsageError: the file cannot be read, or does not fit the network.
    """
    tensors = _tensors(path)
    own = parameters_of(trainer.state)
    strangers = sorted(tensors.keys() - own.keys())
    problems = [f"{name} is missing" for name in own if name not in tensors]
    problems += [f"{shorten(name)} is no parameter of this network" for name in strangers[:_MOST]]
    if len(strangers) > _MOST:
        problems.append(f"and {len(strangers) - _MOST} more are no parameters of this network")
    for name in own.keys() & tensors.keys():
        if tensors[name].shape != own[name].shape:
            got, wanted = tensors[name].shape, own[name].shape
            problems.append(f"{name} has shape {got}, the network's has {wanted}")
    if problems:
        raise UsageError("\n".join(f"{path}: {problem}" for problem in sorted(problems)))
    with np.errstate(all="ignore"):
        fitting = {name: tensors[name].astype(array.dtype) for name, array in own.items()}
    for name, array in fitting.items():
        if not np.isfinite(array).all():
            raise UsageError(f"{path}: {name} holds a number that is not finite as {array.dtype}")
    for name, array in own.items():
        array[...] = fitting[name]


def _tensors(path: Path) -> dict[str, Array]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path}: is no regular file")
        if status.st_size > _LARGEST:
            raise UsageError(f"{path}: is larger than {_LARGEST >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        tensors = load(content)
    except (SafetensorError, KeyError, ValueError, TypeError, json.JSONDecodeError):
        raise UsageError(f"{path}: is no safetensors file of float tensors") from None
    for name, array in tensors.items():
        if array.dtype.kind != "f":
            raise UsageError(f"{path}: {shorten(name)} holds no floating-point numbers")
        if not np.isfinite(array).all():
            raise UsageError(f"{path}: {shorten(name)} holds a number that is not finite")
    return dict(tensors)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
