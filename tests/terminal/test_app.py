"""The app in a real terminal, driven by keys."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from nntui.session.resume import resume

ROOT = Path(__file__).parents[2]
RUN = ("-m", "nntui", "run", "exam")
LEAVE_ALTERNATE_SCREEN = "\x1b[?1049l"
SHOW_CURSOR = "\x1b[?25h"


def restored(terminal, modes_after):
    """Whether the terminal is as it was: screen, cursor, mouse, line discipline."""
    last = terminal.raw.rsplit("\x1b[?1049h", 1)[-1]
    return (
        LEAVE_ALTERNATE_SCREEN in last
        and SHOW_CURSOR in last
        and "\x1b[?1003l" in last
        and modes_after[3] & termios.ECHO
        and modes_after[3] & termios.ICANON
    )


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_the_worked_example_step_by_step(launch, columns, rows):
    terminal = launch(*RUN, columns=columns, rows=rows)
    terminal.see("1 Network")
    terminal.press("n", "n", "n")
    terminal.see("= 0.2 × 3 + 0.3 × 7 + 0.5")
    terminal.see("+3.2000")
    terminal.press("n")
    terminal.see("= 0.961")
    terminal.press("n")
    terminal.see("= 1.545")
    terminal.press("n")
    terminal.see("0.824 (82.4 %)")
    terminal.press("q")
    assert terminal.leave() == 0
    assert restored(terminal, terminal.modes)


def test_keys_right_behind_a_command_are_no_part_of_it(launch):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.press(":goto step 6 op hidden.z\rnnN:goto step 7\rn/loss\r")
    terminal.see("step   8/200")
    terminal.see("op  1/20  by op")
    terminal.see("7  loss")
    terminal.press("q")
    assert terminal.leave() == 0


def test_a_change_in_mid_pass_and_what_if(launch):
    terminal = launch(*RUN, columns=120, rows=36)
    terminal.see("paused")
    terminal.press("n", "n", "n", "n", "n", "n", "n")
    terminal.see("loss  0.1933")
    terminal.press(":", *"set hidden.z[0] = -3.2", "\r")
    terminal.see("loss~ 0.1933")
    terminal.see("~ computed before hidden.z[0] was changed")
    terminal.press("i", "1", "c")
    terminal.see("The run is over")
    terminal.see("━ main")
    terminal.see("on lr=5")
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_a_convolution_window_by_window(launch, columns, rows):
    terminal = launch("-m", "nntui", "run", "bars", columns=columns, rows=rows)
    terminal.see("1 Network")
    terminal.press("n", "n", "s", "n", "n")
    terminal.see("conv.z[filter 1, row 1, column 3]")
    terminal.see("products")
    terminal.see("┌────┐")
    terminal.press("N")
    terminal.see("conv.z[filter 1, row 1, column 2]")
    terminal.press("f")
    terminal.see("field of conv 1, row 1, column 2")
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_an_lstm_through_time_and_back(launch, columns, rows):
    terminal = launch("-m", "nntui", "run", "remember", columns=columns, rows=rows)
    terminal.see("1 Network")
    terminal.press(*":goto op lstm.o.t2", "\r")
    terminal.see("o⟨2⟩ = σ(z_o⟨2⟩)")
    for seen in ("lstm.kept.t2", "lstm.new.t2", "lstm.c.t2", "lstm.tanh_c.t2", "lstm.a.t2"):
        terminal.press("n")
        terminal.see(f"{seen}[unit 1 at time step 2]")
    terminal.press(*":goto op lstm.c.t19.grad", "\r")
    terminal.see("‖∂h⟨19⟩‖")
    terminal.press(*":goto op lstm.c.t18.grad", "\r")
    terminal.see("× ‖∂h⟨20⟩‖")
    terminal.press("N")
    terminal.see("lstm.c.t18.grad.2")
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_an_attention_forward_and_back_and_a_prompt(launch, columns, rows):
    terminal = launch("-m", "nntui", "run", "reverse", columns=columns, rows=rows)
    terminal.see("1 Network")
    terminal.press(*":goto op block.attention.scores", "\r")
    terminal.see("block.attention.scores[query 6, key 6]")
    terminal.press("6", "l", "j", "l")
    terminal.see("query 7 → key 7")
    terminal.see("q₇·k₇/√8")
    for seen in ("/√8 = ", "▸"):
        terminal.press("n")
        terminal.see(seen)
    terminal.press("l", "n")
    terminal.see("→ −∞ masked")
    terminal.press(*":goto op block.attention.masked.grad", "\r")
    terminal.see("◂ BACKWARD")
    terminal.press("1", "2")
    terminal.see("block.attention.masked.grad[query 7, key 8]")
    terminal.press("N")
    terminal.see("block.attention.value.heads.grad")
    terminal.press("p")
    terminal.see("Generate")
    terminal.press("\r")
    terminal.see("chosen, greedy")
    terminal.press("\x1b")
    terminal.see(lambda text: "Generate" not in text)
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_session_comes_back_however_it_ended(launch, end):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.press("n", "n", "n")
    terminal.see("= 0.2 × 3 + 0.3 × 7 + 0.5")
    terminal.kill(end)
    terminal.leave()

    again = launch("-m", "nntui", "resume")
    again.see("= 0.2 × 3 + 0.3 × 7 + 0.5")
    if end == signal.SIGKILL:
        again.see("was not closed")
    again.press("q")
    assert again.leave() == 0


def test_training_runs_to_the_end_and_keys_stay_alive(launch):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.press("c")
    terminal.see("step 200/200")
    terminal.see("paused")
    terminal.press("L")
    terminal.see(lambda text: "linear" not in text)
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 0)]
)
def test_signals_leave_the_terminal_as_it_was(launch, number, code):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.press("n")
    terminal.see("op  1/20")
    terminal.kill(number)
    assert terminal.leave() in (code, 130 if number is signal.SIGINT else code)
    assert restored(terminal, terminal.modes)


def test_a_resize_is_followed(launch):
    terminal = launch(*RUN)
    terminal.see("6 Neuron")
    terminal.resize(80, 24)
    terminal.see(lambda text: "6 Neuron" not in text and "2 Operation" in text)
    terminal.resize(30, 8)
    terminal.see("nntui needs 40 × 12 cells")
    terminal.resize(120, 36)
    terminal.see("6 Neuron")
    terminal.press("q")
    assert terminal.leave() == 0


def test_coming_back_from_the_shell_paints_everything(launch):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.suspend()
    terminal.see(lambda _: LEAVE_ALTERNATE_SCREEN in terminal.raw)
    terminal.screen.reset()
    terminal.kill(signal.SIGCONT)
    terminal.see("1 Network")
    terminal.see("6 Neuron")
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize("term", ["vt100", "linux"])
def test_a_terminal_without_braille_gets_none(launch, term):
    terminal = launch(*RUN, TERM=term)
    terminal.see("paused")
    terminal.press("n", "n", "n")
    terminal.see("+3.2000")
    text = terminal.text
    assert not any("\u2800" <= c <= "\u28ff" for c in text)
    assert term == "linux" or text.isascii()
    terminal.press("q")
    assert terminal.leave() == 0


def test_without_colour_signs_are_still_there(launch):
    terminal = launch(*RUN, NO_COLOR="1")
    terminal.see("paused")
    terminal.press("n", "n", "n")
    terminal.see("+3.2000")
    colours = {
        cell.fg
        for row in terminal.screen.buffer.values()
        for cell in row.values()
        if cell.fg != "default"
    }
    assert all(c[0:2] == c[2:4] == c[4:6] for c in colours if len(c) == 6)
    terminal.press("q")
    assert terminal.leave() == 0


def test_a_dumb_terminal_is_refused_in_one_line(launch):
    terminal = launch(*RUN, TERM="dumb")
    assert terminal.leave() == 2
    assert terminal.raw.strip() == "nntui: TERM=dumb cannot show the app (try: nntui trace)"


@pytest.mark.parametrize("missing", ["stdin", "stderr"])
def test_without_a_terminal_the_app_does_not_start(missing):
    primary, secondary = pty.openpty()
    streams = {"stdin": secondary, "stdout": secondary, "stderr": secondary}
    streams[missing] = subprocess.PIPE if missing == "stderr" else subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, *RUN], env=os.environ | {"TERM": "xterm"}, **streams)
    _, error = child.communicate(timeout=30)
    os.close(primary)
    os.close(secondary)
    assert child.returncode == 2
    assert missing == "stdin" or b"standard error" in error


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_thirty_steps_and_thirty_back_are_the_same_screen(launch, columns, rows):
    terminal = launch(*RUN, columns=columns, rows=rows)
    terminal.see("paused")
    before = terminal.rest()
    terminal.press(*"n" * 30)
    terminal.see("op 10/20")
    terminal.press(*"N" * 30)
    terminal.see("op  0/20")
    after = terminal.rest()

    assert after == before
    terminal.press("q")
    assert terminal.leave() == 0


def test_an_edit_changes_what_follows_and_can_be_undone(launch):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.press("n", "n", "n", "n")
    terminal.see("op  4/20")
    terminal.press(":set hidden.a[0] = 0\r")
    terminal.see("1 edit")
    terminal.press("n")
    terminal.see("0.6 × 0 + 0.8 × 0.961 + 0.2")
    terminal.press("\x1a")
    terminal.see("0.6 × 0.961 + 0.8 × 0.961 + 0.2")
    terminal.press("q")
    assert terminal.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_a_discriminators_turn_and_a_generators(launch, columns, rows):
    terminal = launch("-m", "nntui", "run", "gan_ring", columns=columns, rows=rows)
    terminal.see("1 Network  D step  real  1/64")
    terminal.press(":goto op discriminator.loss\r")
    terminal.see("▸ loss L_D")
    terminal.see("▨ G frozen")
    terminal.press("d")
    terminal.see("▸ update D")
    terminal.press(":goto op generator.out.a.grad\r")
    terminal.see("G step  fake  1/64")
    terminal.see("↗ −∂L_G/∂x")
    terminal.press("u")
    terminal.see("── G learns ──")
    terminal.press("u", "d")
    terminal.see("✓ update G")
    terminal.press("D")
    terminal.see("D step  real  1/64")
    terminal.press("q")
    assert terminal.leave() == 0


def test_what_is_written_in_one_go_ends_up_in_the_prompt(launch):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.rest()
    terminal.press(":goto step 60\r")
    terminal.see("step  60/200")
    terminal.press("q")
    assert terminal.leave() == 0


def test_what_is_typed_while_the_app_starts_is_obeyed(launch):
    terminal = launch(*RUN)
    terminal.press(":goto step 5\r", "n")
    terminal.see("step   6/200")
    terminal.press("q")
    assert terminal.leave() == 0
    assert restored(terminal, terminal.modes)


def test_a_breakpoint_of_the_scenario_that_was_deleted_stays_deleted(launch, tmp_path):
    path = tmp_path / "mine.toml"
    source = (ROOT / "scenarios" / "exam.toml").read_text()
    path.write_text('breakpoints = ["step == 2"]\n' + source)
    terminal = launch("-m", "nntui", "run", str(path))
    terminal.see("paused")
    terminal.press(":", "delete 1\r")
    terminal.press("q")
    assert terminal.leave() == 0

    saved = next((tmp_path / "nntui" / "sessions").glob("*.nntui"))
    assert list(resume(saved)[0].breakpoints) == []
    again = launch("-m", "nntui", "resume")
    again.see("paused")
    again.press("q")
    assert again.leave() == 0
    assert list(resume(saved)[0].breakpoints) == []


def test_two_branches_are_compared(launch):
    terminal = launch(*RUN)
    terminal.see("paused")
    terminal.press(":goto step 6\r")
    terminal.see("step   6/200")
    terminal.press(":goto step 2 op hidden.z\r")
    terminal.see("◂ of 6 run")
    terminal.press(":set hidden.z[1] = 0\r")
    terminal.see("on main-2")
    terminal.press("v")
    terminal.see("▸ step 2  op 3  hidden.z")
    terminal.see("changed by hand")
    terminal.press("\t\r")
    terminal.see("on main ")
    terminal.see("hidden.z[h1]")
    terminal.press("q")
    assert terminal.leave() == 0


def test_a_pull_of_a_map(launch):
    terminal = launch("-m", "nntui", "run", "som_square", columns=120, rows=36)
    terminal.see("8×8 rectangular")
    terminal.press("n", "n", "n", "n")
    terminal.see("som.bmu[row]")
    terminal.press("n", "n", "n", "n", "n", "n", "n")
    terminal.see("+ η·h")
    terminal.see("no gradient")
    terminal.press("N")
    terminal.see("op 10/11")
    terminal.press("u")
    terminal.see("U-matrix")
    terminal.press("q")
    assert terminal.leave() == 0
