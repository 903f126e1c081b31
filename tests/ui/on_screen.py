"""What an app shows, as text."""

from fake_session import fake_curve

from nntui.ui.app import NntuiApp


def app_of(session):
    return NntuiApp(session, fake_curve)


def text_of(app):
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
