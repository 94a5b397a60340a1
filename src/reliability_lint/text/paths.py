"""How paths are shown."""

# ruff: noqa: PTH100, PTH109

from __future__ import annotations

import os


def shown_path(path: str) -> str:
    """A path as it is shown: relative to the working directory if it lies below, with forward slashes, and always valid text."""
    here = os.getcwd()
    shown = os.path.abspath(path)
    for base, candidate in ((here, shown), (os.path.realpath(here), os.path.realpath(path))):
        if candidate == base:
            shown = os.curdir
            break
        if candidate.startswith(base.rstrip(os.sep) + os.sep):
            shown = candidate[len(base.rstrip(os.sep)) + 1 :]
            break
    return valid(shown)


def valid(path: str) -> str:
    """With forward slashes, and valid text, which names on disk need not be."""
    path = path.replace(os.sep, "/")
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
