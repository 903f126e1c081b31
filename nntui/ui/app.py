"""The app: themes, signals, the palette; and `run`, which the command calls."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar

from textual import events, work
from textual.app import App, SystemCommand
from textual.filter import LineFilter
from textual.markup import escape
from textual.message_pump import MessagePump
from textual.notifications import Notify
from textual.screen import Screen

from nntui.ui.command_line import ALONE, FORMS
from nntui.ui.keys import KEYS
from nntui.ui.palette import THEMES, textual_themes
from nntui.ui.renderables.activation import CurveMaker
from nntui.ui.screens.debugger import DebuggerScreen
from nntui.ui.screens.help import HelpScreen
from nntui.ui.stepper import Stepper
from nntui.ui.terminal import INTERRUPTED, check_terminal, filter_for, watch_signals


class NntuiApp(App[None]):
    """Shows one session.

    Args:
        note: called after each command; what it says is shown to the user.
        notice: what to tell the user at the start.
        resumed: whether the session has been going on before.
        release: called just before the keyboard is read.
    """

    CSS_PATH = "nntui.tcss"
    TITLE = "nntui"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar = []

    def __init__(
        self,
        session: Stepper,
        curve: CurveMaker,
        note: Callable[[], str] = str,
        notice: str = "",
        resumed: bool = False,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._release = release
        self._early: list[events.InputEvent] | None = []
        self._session = session
        self._curve = curve
        self._note = note
        self._notice = notice
        self._resumed = resumed
        for theme in textual_themes():
            self.register_theme(theme)
        self.theme = next(iter(THEMES))
        encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"
        self._substitute = filter_for(os.environ, encoding)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and what replaces characters that the terminal cannot show."""
        filters = super().get_line_filters()
        return [*filters, self._substitute] if self._substitute else filters

    def get_default_screen(self) -> Screen[None]:
        """The debugger is the only screen; help lies over it."""
        return DebuggerScreen(self._session, self._curve, self._note, self._resumed)

    def on_load(self) -> None:
        """Takes the keyboard over."""
        self._release()

    def on_ready(self) -> None:
        """Obeys the keys that came before there was anything to obey them."""
        self._catch_up()

    async def on_event(self, event: events.Event) -> None:
        """Lets keys wait until the screen is there, where the focus is on its way to a pane."""
        if self._early is None or not isinstance(event, events.InputEvent) or event.is_forwarded:
            await super().on_event(event)
        else:
            self._early.append(event)

    @work
    async def _catch_up(self) -> None:
        """One key after the other, each once all that the one before does is done."""
        await self._settled()
        while self._early:
            event = self._early.pop(0)
            if isinstance(event, events.Key) and event.key == "ctrl+j":
                # While no one held the keyboard, the terminal made this of Enter.
                event = events.Key("enter", "\r")
            await super().on_event(event)
            await self._settled()
        self._early = None

    async def _settled(self) -> None:
        """Waits until all messages are done that lie on a key's way from the focus up to here."""
        for node in (self.focused or self.screen).ancestors_with_self:
            done = asyncio.Event()
            if isinstance(node, MessagePump) and node.call_later(done.set):
                await done.wait()

    def on_mount(self) -> None:
        """Leaves the terminal as it was, however the process ends."""
        watch_signals(self)
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self._notice:
            self.notify(self._notice, severity="warning", timeout=10, markup=False)

    def on_notify(self, event: Notify) -> None:
        """What is said again takes the place of what was said before."""
        for notice in list(self._notifications):
            if notice.message == event.notification.message:
                self._unnotify(notice, refresh=False)

    def clear_notifications(self) -> None:
        """Clears what has been said, but for warnings: these hold wherever the cursor stands."""
        for notice in list(self._notifications):
            if notice.severity != "warning":
                self._unnotify(notice)

    def action_help(self) -> None:
        """Shows the keys."""
        self.push_screen(HelpScreen())

    def action_interrupt(self) -> None:
        """Leaves, and says so to whoever started the app."""
        self.exit(return_code=INTERRUPTED)

    def action_next_theme(self) -> None:
        """The next of our themes."""
        names = list(THEMES)
        at = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(at + 1) % len(names)]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key's action by its name."""
        yield from super().get_system_commands(screen)
        for key in KEYS:
            help_ = escape(f"{key.shown}   {key.help}")
            run = self._runner(key.action, on_pane=key.place == "pane")
            yield SystemCommand(f"{key.group}: {key.label}", help_, run)
        for name in ALONE:
            form = FORMS[name]
            run = self._runner(f"command('{name}')")
            yield SystemCommand(f"Command: {name}", escape(f":{form.text}   {form.help}"), run)

    def _runner(self, action: str, *, on_pane: bool = False) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            place = self.screen.focused if on_pane else None
            await self.run_action(action, default_namespace=place or self.screen)

        return run


def keep_for_good() -> None:
    """Let what has been loaded stay: a search for garbage in the middle of a run leaves it out.

    That makes training at full speed a few per cent faster.
    """
    gc.collect()
    gc.freeze()


def run(
    session: Stepper,
    note: Callable[[], str] = str,
    notice: str = "",
    resumed: bool = False,
    release: Callable[[], None] = lambda: None,
) -> int:
    """Shows a session until the user leaves; returns the exit code.

    Args:
        note: called after each command; what it says is shown to the user.
        notice: what to tell the user at the start.
        resumed: whether the session has been going on before.
        release: called just before the keyboard is read.

    Raises:
        UsageError: this is no terminal the app can run in.
    """
    from nntui.session.curve import activation_curve

    check_terminal(os.environ, sys.stdin, sys.stderr)
    app = NntuiApp(session, activation_curve, note, notice, resumed, release)
    keep_for_good()
    app.run()
    return app.return_code or 0
