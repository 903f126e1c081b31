"""Running by itself: how fast, what one beat does, and when to draw."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from nntui.session.position import Depth
from nntui.ui.stepper import Stepper


@dataclass(frozen=True)
class Speed:
    """A speed: so many stops at the session's depth, or training steps, a second; 0 and 0: full."""

    label: str
    stops: int = 0
    steps: int = 0


SPEEDS: Final = (
    *(Speed(f"{n}/s", stops=n) for n in (1, 2, 4, 8, 16, 32)),
    *(Speed(f"{n} steps/s", steps=n) for n in (4, 16)),
    Speed("full speed"),
)

USUAL: Final = 2
"""The speed at the start, as an index into `SPEEDS`."""

SLICE: Final = 0.016
"""Seconds of training between two looks at the keyboard."""

ASIDE: Final = 1 / 20
"""The share of its time that a run at full speed gives to drawing and the like."""

LONGEST: Final = 1.0
"""Seconds after which it draws all the same."""


def frame_rate(environment: Mapping[str, str]) -> int:
    """Redraws a second while running: fewer over SSH."""
    return 10 if "SSH_CONNECTION" in environment else 30


class Playback:
    """Plays a session. It owns no clock and no timer: who plays asks `beat` and waits."""

    def __init__(
        self,
        session: Stepper,
        *,
        frames: int = 30,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._session = session
        self._clock = clock
        self._between = 1 / frames
        self._drawn = float("-inf")
        self._left = float("inf")
        self._trained = self._aside = 0.0
        self._speed = USUAL
        self._rush = False
        self.running = False
        self.back = False
        """Whether it runs back in time."""

    @property
    def speed(self) -> Speed:
        """The speed being played at."""
        return SPEEDS[-1] if self._rush else SPEEDS[self._speed]

    def change_speed(self, by: int) -> None:
        """Faster by so many notches, or slower."""
        if self._rush and by < 0:
            self._rush, self._speed = False, len(SPEEDS) - 1
        self._speed = min(max(self._speed + by, 0), len(SPEEDS) - 1)

    def set_stops(self, stops: float) -> None:
        """The speed nearest to so many stops a second; infinitely many: full speed."""
        self._rush, self._speed = False, len(SPEEDS) - 1
        if stops == float("inf"):
            return
        distances = [abs(speed.stops - stops) if speed.stops else float("inf") for speed in SPEEDS]
        self._speed = distances.index(min(distances))

    @property
    def state(self) -> str:
        """Whether it runs, and how fast, in words."""
        if not self.running:
            return f"paused {self.speed.label}"
        return "◀ running back" if self.back else f"▶ running {self.speed.label}"

    def start(self, *, rush: bool = False, back: bool = False) -> None:
        """Runs; in a rush at full speed, to the end of the run; or back in time."""
        self.running, self._rush, self.back = True, rush or back, back

    def stop(self) -> None:
        """Pauses."""
        self.running = self._rush = self.back = False
        self._left = float("inf")

    def beat(self) -> float:
        """Plays one stop or one slice; returns the seconds to wait until the next."""
        start = self._clock()
        self._aside += max(0.0, start - self._left)
        wait = self._beat()
        end = self._clock()
        self._trained += end - start
        self._left = float("inf") if wait else end
        return wait

    def _beat(self) -> float:
        session, speed = self._session, self.speed
        if self.back:
            if not session.player.run_back(self._clock() + SLICE):
                self.stop()
            return 0.0
        if session.at_end:
            self.stop()
            return 0.0
        if speed.stops or speed.steps:
            session.player.play(None if speed.stops else Depth.STEP)
            wait, done = 1 / (speed.stops or speed.steps), 1
        else:
            wait, done = 0.0, session.player.run(self._clock() + SLICE)
        if not done or session.player.stopped_by is not None:
            self.stop()
        return wait

    def due(self) -> bool:
        """Whether it is time to draw again; a stopped run is always drawn.

        What the last time has cost, training has to have earned.
        """
        now = self._clock()
        if self.running:
            since, earned = now - self._drawn, self._trained * ASIDE / (1 - ASIDE)
            if since < self._between or (earned < self._aside and since < LONGEST):
                return False
        self._drawn = now
        self._trained = self._aside = 0.0
        return True
