"""`source = "text"`: characters to foretell, in the scenario itself or in a file beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nntui.engine.data.text import MOST_CHARACTERS, Text, Windows
from nntui.scenario.folder import Folder, reason
from nntui.scenario.loaded import FilePath
from nntui.scenario.options import Entries
from nntui.scenario.report import Place
from nntui.scenario.text import quote, shorten

_MOST_BYTES = 4 * MOST_CHARACTERS


@dataclass(frozen=True, kw_only=True)
class TextFile(Windows):
    """The options of a text in a file.

    Attributes:
        path: relative to the scenario file.
    """

    path: FilePath


def text_options(data: Entries, place: Place) -> type[Text | TextFile] | None:
    """What the options of a text are, going by where it is; None after a reported problem."""
    if "text" in data and "path" in data:
        place.at("path").refuse_key("there is a text already: give one of the two")
        return None
    if "text" not in data and "path" not in data:
        place.missing("text", 'is missing: write text = "..." or path = "..."')
        return None
    return TextFile if "path" in data else Text


def read_text(options: TextFile, data: Place, folder: Folder) -> Text | None:
    """The text in a file; None after a problem reported inside `data`."""
    at = data.at("path")
    file = folder.find(options.path, at, _MOST_BYTES)
    if file is None:
        return None
    name = shorten(file.name)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        at.refuse(f"{name} is not UTF-8 (the byte 0x{error.object[error.start]:02X})")
        return None
    except OSError as error:
        at.refuse(f"cannot read {quote(file.name)}: {reason(error)}")
        return None
    if len(text) > MOST_CHARACTERS:
        at.refuse(f"{name} has {len(text)} characters; at most {MOST_CHARACTERS} are read")
        return None
    if len(text) < 2:
        at.refuse(f"{name} has {len(text)} characters; a text needs two or more")
        return None
    return Text(text=text, **{f.name: getattr(options, f.name) for f in fields(Windows)})
