"""JSONL: one line per op, at full precision, in execution order."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from nntui.engine.options import Array
from nntui.interchange.script import Script


def records(script: Script) -> Iterator[str]:
    """The records of a run, as lines without their ends; watches as `"watches": {text: value}`."""
    session = script.session
    network = session.network
    classes = network.target if network.classes else ""
    for info in script:
        value = session.reader.look(info.output)
        record: dict[str, Any] = {
            "step": session.cursor.position.step,
            "op": info.number,
            "phase": info.phase,
            "layer": info.layer,
            "kind": info.kind,
            "inputs": list(info.inputs),
            "output": info.output,
            "formula": info.formula,
            "shape": list(value.shape),
            "value": value.astype(int).tolist() if info.output == classes else plain(value),
        }
        if info.player:
            record["player"] = info.player
        watched = script.watched()
        if watched:
            record["watches"] = {k: None if v is None else _finite(v) for k, v in watched.items()}
        yield json.dumps(record, ensure_ascii=False, allow_nan=False)


def plain(array: Array) -> Any:
    """Nested lists of floats; what JSON cannot say becomes "nan", "inf" or "-inf"."""
    return _finite(array.tolist())


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(v) for v in value]
    number = float(value)
    if math.isfinite(number):
        return number
    return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"
