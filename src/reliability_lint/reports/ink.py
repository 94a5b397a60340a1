"""Colours, and text that is safe on a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Literal, TextIO

Kind = Literal["error", "warning", "note", "name", "place", "frame", "quiet", "good"]
Ink = Callable[[Kind, str], str]

_CODES: dict[Kind, str] = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "name": "1",
    "place": "1",
    "frame": "34",
    "quiet": "2",
    "good": "1;32",
}
# What moves the cursor, rings, or turns the direction of writing, so that a reader sees something else than what is there.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(_kind: Kind, text: str) -> str:
    """No colours."""
    return text


def coloured(kind: Kind, text: str) -> str:
    """With the escape sequences that all terminals know."""
    return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if text else ""


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to write colours: on a terminal, or where they are forced; never where they are refused (no-color.org)."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def safe(text: str) -> str:
    """Text from checked files and their names, without characters that would act instead of being shown."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\n", " "))


def lines_kept(text: str) -> str:
    """The same for formats that have a way to write line ends."""
    return "\n".join(safe(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
