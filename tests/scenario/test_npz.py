"""`source = "npz"`: arrays of a NumPy archive, which may be hostile."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nntui.engine.model import Dataset
from nntui.scenario import parse

TEXT = """\
title = "t"
[data]
source = "npz"
path = "arrays.npz"
{options}
[[layers]]
type = "dense"
units = {units}
[training]
loss = "{loss}"
"""


def read(
    folder: Path, options: str = "", units: int = 1, loss: str = "mse", **arrays: npt.ArrayLike
) -> Dataset:
    np.savez(folder / "arrays.npz", **arrays)  # type: ignore[arg-type]
    text = TEXT.format(options=options, units=units, loss=loss)
    return parse(text, origin="t.toml", folder=folder).data


def test_arrays(tmp_path: Path) -> None:
    data = read(tmp_path, 'inputs = ["p", "q"]', x=[[1, 2], [3, 4]], y=[[5], [6]])

    np.testing.assert_array_equal(data.train.x, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(data.train.y, [[5], [6]])
    assert data.train.x.dtype == np.float64
    assert (data.inputs, data.outputs) == (("p", "q"), ("y1",))


@pytest.mark.parametrize("dtype", ["bool", "u1", "i8", ">f4", "f2"])
def test_numbers_of_any_type(tmp_path: Path, dtype: str) -> None:
    data = read(tmp_path, x=np.array([0, 1], dtype), y=np.array([1, 0], dtype))

    np.testing.assert_array_equal(data.train.x, [[0], [1]])


def test_class_indices(tmp_path: Path) -> None:
    data = read(tmp_path, units=3, loss="cross_entropy", x=[1, 2, 3], y=[0, 2, 1])

    np.testing.assert_array_equal(data.train.y, [0, 2, 1])


def test_fortran_order_and_compression(tmp_path: Path) -> None:
    x = np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])
    np.savez_compressed(tmp_path / "arrays.npz", x=x, y=[1, 2])
    text = TEXT.format(options="", units=1, loss="mse")
    data = parse(text, origin="t.toml", folder=tmp_path).data

    np.testing.assert_array_equal(data.train.x, x)


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    text += b" " * (63 - (len(text) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(f"{name}.npy", data)
    return buffer.getvalue()


class _Boom:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle was loaded",))


GOOD = header("(2,)") + bytes(16)
PICKLED = header("(1,)", "'|O'") + pickle.dumps([_Boom()])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive(), "has no array 'x'"),
        (archive(data=GOOD, labels=GOOD), "has no array 'x' (it holds data, labels)"),
        (archive(x=GOOD, y=header("(3,)") + bytes(24)), "x has 2 rows, y has 3"),
        (archive(x=PICKLED, y=GOOD), "x holds object, not numbers"),
        (archive(x=header("(2,)", "'<U3'") + bytes(24)), "x holds <U3, not numbers"),
        (archive(x=header("(2,)", "'<c16'") + bytes(32)), "x holds complex128, not numbers"),
        (archive(x=header("(1000000000,)")), "x has 1000000000 numbers; at most 5000000"),
        (archive(x=header("(1,) * 100")), "cannot read 'arrays.npz'"),
        (archive(x=header("(-1, 3)")), "x has the shape -1×3"),
        (archive(x=header("()") + bytes(8)), "x has the shape ()"),
        (archive(x=header("(0, 3)")), "x has the shape 0×3"),
        (archive(x=header("(2,)") + bytes(8)), "cannot read 'arrays.npz'"),
        (archive(x=header("(" * 200)), "cannot read 'arrays.npz'"),
        (archive(x=b"\x93NUMPY\x09\x00" + bytes(40)), "cannot read 'arrays.npz'"),
        (archive(x=b"\x1b[31m"), "cannot read 'arrays.npz'"),
        (archive(x=header("(2,)") + np.array([1, np.nan]).tobytes(), y=GOOD), "x[1] is nan"),
        (archive(x=GOOD), "there is no y"),
        (archive(x=GOOD, y=GOOD)[:-30], "cannot read 'arrays.npz'"),
        (b"PK\x03\x04 no archive", "cannot read 'arrays.npz'"),
        (b"", "cannot read 'arrays.npz'"),
    ],
)
def test_is_refused(tmp_path: Path, content: bytes, message: str, problems_of) -> None:
    (tmp_path / "arrays.npz").write_bytes(content)
    (problem,) = problems_of(TEXT.format(options="", units=1, loss="mse"), tmp_path)

    assert (problem.line, problem.key) == (4, "data.path")
    assert message in problem.message


def test_the_numbers_of_an_archive_that_unpacks_to_more_stay_unread(
    tmp_path: Path, problems_of
) -> None:
    bomb = archive(x=header("(100000000,)") + bytes(800_000))
    (tmp_path / "arrays.npz").write_bytes(bomb)
    (problem,) = problems_of(TEXT.format(options="", units=1, loss="mse"), tmp_path)

    assert "x has 100000000 numbers" in problem.message
