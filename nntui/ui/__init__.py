"""The app: it draws frames of a session and turns keys into the session's commands."""
