"""The fake session stands beside the tests; this makes it importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
