"""What an app shows, as text."""

from fake_session import fake_curve

from nntui.scenario.reader import load
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.ui.app import NntuiApp
from nntui.ui.widgets.bars import Header
from nntui.ui.widgets.prompt import PromptInput

WIDE, SMALL = (120, 36), (80, 24)


def app_of(session):
    return NntuiApp(session, fake_curve)


def text_of(app):
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def exam(steps=0):
    session = Session(load("exam"))
    for _ in range(steps):
        session.cursor.forward(Depth.STEP)
    return session


async def write(pilot, line):
    await pilot.press("colon")
    pilot.app.screen.query_one(PromptInput).value = line
    await pilot.press("enter")
    await pilot.pause()


def said(app):
    return [notice.message for notice in app._notifications]


def top(app):
    return "".join(text for line in app.screen.query_one(Header).lines for text, _ in line)
