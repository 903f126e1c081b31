"""Draw the pictures of the README: Textual's own screenshots of the app.

Run it after a change to the screen: `python tests/pictures/make.py`.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from nntui.scenario import load
from nntui.session.curve import activation_curve
from nntui.session.session import Session
from nntui.ui.app import NntuiApp

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")

PICTURES = {
    "exam": ("exam", (120, 36), ["n", "n", "n"]),
    "backward": ("exam", (120, 36), ["n"] * 14),
    "iris": ("iris", (120, 36), [*["c"], *["n"] * 6]),
    "convolution": (
        "bars",
        (120, 36),
        ["c", ":goto step 300 op y", "s", *["n"] * 14, "s", *["n"] * 5],
    ),
    "convolution-backward": (
        "bars",
        (120, 36),
        ["c", ":goto step 40 op conv.z.grad", "s", *["n"] * 4, "s", *["n"] * 21],
    ),
    "lstm": ("remember", (120, 36), [":goto step 60 op lstm.c.t13"]),
    "attention": (
        "reverse",
        (120, 36),
        ["c", ":goto step 200 op block.attention.masked", "n", *"6l", *"j" * 5, *"l" * 4],
    ),
    "attention-backward": (
        "reverse",
        (120, 36),
        [":goto step 40 op block.attention.weights.grad", "n", "n", *"6l", *"j" * 6, *"l" * 3],
    ),
    "som": ("som_colors", (120, 36), [":goto step 60 op som.neighbourhood"]),
    "som-net": ("som_square", (120, 36), [":goto step 400 op som.weight"]),
    "gan-d-step": (
        "gan_ring",
        (120, 36),
        [":depth epoch", *["n"] * 50, ":depth op", ":goto step 801 op discriminator.loss"],
    ),
    "gan-g-step": (
        "gan_ring",
        (120, 36),
        [
            ":depth epoch",
            *["n"] * 50,
            ":depth op",
            ":goto step 801 op generator.out.a.grad",
            *["full_stop"] * 6,
        ],
    ),
    "lstm-backward": ("remember", (120, 36), [":goto step 60 op lstm.c.t5.grad.1", *"lj"]),
}
"""File name to scenario, terminal size, and the keys pressed, or a command after a colon."""


async def picture(scenario: str, size: tuple[int, int], keys: list[str]) -> str:
    """The screen after some keys, as SVG that loads nothing from elsewhere."""
    app = NntuiApp(Session(load(scenario)), activation_curve)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in keys:
            if key.startswith(":"):
                await app.screen.run_action(f"command({key[1:]!r})")
            else:
                await pilot.press(key)
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
        svg = app.export_screenshot(title="nntui")
    return _FONT_FACE.sub("", svg)


async def main() -> None:
    """Draw all of them beside this file."""
    folder = Path(__file__).parent
    for name, (scenario, size, keys) in PICTURES.items():
        (folder / f"{name}.svg").write_text(await picture(scenario, size, keys), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
