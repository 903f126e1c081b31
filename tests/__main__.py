"""Every check there is: style, types, import contracts, tests. Stops at the first that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PYTHON = [sys.executable, "-m"]

_CONTRACTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

_CHECKS = (
    [*_PYTHON, "ruff", "check", "."],
    [*_PYTHON, "ruff", "format", "--check", "."],
    [*_PYTHON, "mypy"],
    [sys.executable, "-c", _CONTRACTS],
    [*_PYTHON, "pytest", "-q", "-n", "4", "--dist", "worksteal", *sys.argv[1:]],
)


def main() -> int:
    """Run the checks; the exit code of the first that fails, or 0."""
    root = Path(__file__).parent.parent
    for check in _CHECKS:
        print("$", *check[1:], flush=True)
        code = subprocess.run(check, cwd=root, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
