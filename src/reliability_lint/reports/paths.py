"""Files as others name them: from the top of the repository."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from .. import diagnostics
from ..diagnostics import Diagnostic
from .notebooks import file_and_cell


def relative(path: str, root: str = "") -> str:
    """A shown path, relative to `root` (the working directory if that is empty), with forward slashes; absolute where it lies elsewhere."""
    return _relative(path, root, os.getcwd())  # noqa: PTH109 -- which is asked for each finding


@lru_cache(maxsize=512)  # findings come file by file
def _relative(path: str, root: str, here: str) -> str:
    full = os.path.normpath(Path(here, path))
    base = os.path.normpath(root or here).rstrip(os.sep) + os.sep
    return full.removeprefix(base).replace(os.sep, "/")


def uri(path: str, root: str = "") -> str:
    """A shown path as a URI: relative to `root` where it lies below, percent-encoded."""
    found = relative(path, root)
    if not Path(found).is_absolute():
        return quote(found, safe="/")
    return "file://" + quote(found if found.startswith("/") else f"/{found}", safe="/:")


def fingerprint(one: Diagnostic, root: str = "") -> str:
    """The name by which a diagnostic is known in every report."""
    path, _ = file_and_cell(one.region.path)
    return diagnostics.fingerprint(one, relative(path, root))
