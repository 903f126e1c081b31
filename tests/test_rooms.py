"""Who may import whom, and how large a file may be."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "nntui").rglob("*.py"))
LONGEST = 400

TERMINAL = {"textual", "rich", "click", "plotext"}
NO_ENTRY = {
    "nntui.errors": {"numpy", "safetensors", *TERMINAL},
    "nntui.scenario": {"numpy", "safetensors", *TERMINAL},
    "nntui.engine.trainer": {"safetensors", "tomlkit", *TERMINAL},
    "nntui.scenario.reader": {"safetensors", *TERMINAL},
    "nntui.session.session": {"safetensors", *TERMINAL},
    "nntui.interchange.jsonl": {"safetensors", *TERMINAL},
    "nntui.interchange.text": {"safetensors", *TERMINAL},
    "nntui.interchange.tensors": TERMINAL,
    "nntui.cli": {"numpy", "textual", "rich", "plotext", "safetensors", "tomlkit"},
}
"""What importing a module must not bring along."""


def test_the_rooms_keep_their_doors_shut() -> None:
    """The import contracts of pyproject.toml."""
    script = "from importlinter.cli import lint_imports_command as lint; lint()"

    result = subprocess.run(
        [sys.executable, "-c", script, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("module", NO_ENTRY)
def test_importing_a_module_brings_nothing_unwanted_along(module: str) -> None:
    script = f"import sys, {module}; print(*sorted(set(sys.modules) & {NO_ENTRY[module]!r}))"

    result = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == ""


def test_any_module_can_be_the_first_to_be_imported() -> None:
    """Each of those at the top of the engine, with none of the others loaded."""
    paths = [path for path in FILES if path.parent == ROOT / "nntui" / "engine"]
    own = [f"nntui.engine.{path.stem}" for path in paths]
    script = """
import importlib, sys
for name in sys.argv[1:]:
    for loaded in [m for m in sys.modules if m.split(".")[0] == "nntui"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, *own],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert len(own) > 10
    assert result.stdout.strip() == ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_public_classes_and_functions_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text())

    public = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if not ast.get_docstring(node)] == []
    assert ast.get_docstring(tree)


def test_no_room_is_called_after_nothing() -> None:
    """Names that say nothing gather everything."""
    names = {part for path in FILES for part in path.relative_to(ROOT).with_suffix("").parts}

    assert names & {"utils", "util", "core", "helpers", "common", "manager", "misc"} == set()
