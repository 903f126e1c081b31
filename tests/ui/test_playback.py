"""Running by itself, with a clock made by hand."""

import itertools

from fake_session import exam

from nntui.session.position import Depth
from nntui.ui.playback import ASIDE, SLICE, SPEEDS, Playback, frame_rate


class Recorder:
    """A session, its own player, that notes what it is asked."""

    def __init__(self, ends_after=10**9):
        self.asked = []
        self.player = self
        self.stopped_by = None
        self.ends_after = ends_after

    @property
    def at_end(self):
        return len(self.asked) >= self.ends_after

    def play(self, depth=None):
        self.asked.append(depth)

    def run(self, deadline):
        self.asked.append(deadline)
        return 1


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_slow_speeds_step_at_the_depth_of_the_session():
    session = Recorder()
    playback = Playback(session)
    playback.start()

    assert playback.beat() == 1 / 4
    assert session.asked == [None]


def test_faster_speeds_take_whole_steps_then_slices():
    session, clock = Recorder(), Clock()
    playback = Playback(session, clock=clock)
    playback.start()
    playback.change_speed(4)

    assert playback.beat() == 1 / 4
    playback.change_speed(9)
    assert playback.speed is SPEEDS[-1]
    assert playback.beat() == 0.0
    assert session.asked == [Depth.STEP, 100.0 + SLICE]


def test_a_rush_ignores_the_speed_and_gives_it_back():
    playback = Playback(Recorder())
    playback.start(rush=True)
    assert playback.speed is SPEEDS[-1]

    playback.stop()

    assert playback.speed.label == "4/s"


def test_the_end_of_the_run_stops_it():
    playback = Playback(Recorder(ends_after=2))
    playback.start()

    for _ in range(3):
        playback.beat()

    assert not playback.running


def test_a_run_that_cannot_go_on_stops():
    session = Recorder()
    session.player.run = lambda deadline: 0
    playback = Playback(session)
    playback.start(rush=True)
    playback.beat()

    assert not playback.running


def test_speeds_stop_at_both_ends():
    playback = Playback(Recorder())
    playback.change_speed(-99)
    assert playback.speed is SPEEDS[0]
    playback.change_speed(99)
    assert playback.speed is SPEEDS[-1]


def test_a_speed_can_be_named():
    playback = Playback(Recorder())
    playback.set_stops(7)
    assert playback.speed.label == "8/s"
    playback.set_stops(float("inf"))
    assert playback.speed is SPEEDS[-1]


def test_redraws_are_limited_while_running_only():
    clock = Clock()
    playback = Playback(Recorder(), frames=10, clock=clock)
    playback.start()

    assert playback.due()
    clock.now += 0.05
    assert not playback.due()
    clock.now += 0.06
    assert playback.due()
    playback.stop()
    assert playback.due()


def test_a_run_at_full_speed_earns_what_drawing_costs():
    session, clock = Recorder(), Clock()

    def run(deadline):
        clock.now = deadline
        return 1

    session.player.run = run
    playback = Playback(session, frames=30, clock=clock)
    playback.start(rush=True)
    drawn = 0.0
    for _ in range(2000):
        playback.beat()
        if playback.due():
            drawn += 0.03
            clock.now += 0.03

    share = drawn / (clock.now - 100.0)
    assert 0.04 < share < ASIDE + 0.002


def test_however_slow_drawing_is_it_goes_on():
    session, clock = Recorder(), Clock()

    def run(deadline):
        clock.now = deadline
        return 1

    session.player.run = run
    playback = Playback(session, clock=clock)
    playback.start(rush=True)
    draws = []
    for _ in range(2000):
        playback.beat()
        if playback.due():
            draws.append(clock.now)
            clock.now += 2.0

    pauses = [after - before - 2.0 for before, after in itertools.pairwise(draws)]
    assert max(pauses) <= 1.0 + SLICE


def test_fewer_frames_over_ssh():
    assert frame_rate({}) == 30
    assert frame_rate({"SSH_CONNECTION": "10.0.0.1 22"}) == 10


def test_a_real_run_comes_to_its_end():
    session = exam(epochs=5)
    playback = Playback(session)
    playback.start(rush=True)
    while playback.running:
        playback.beat()

    assert session.at_end or session.frame.position.step >= 5
