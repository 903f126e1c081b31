"""Makes what tests share importable, and Hypothesis the same on every machine."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[2]))

settings.register_profile(
    "session", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.load_profile("session")
