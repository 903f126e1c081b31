"""Pure functions from plain values to lines of styled text; none knows a widget."""
