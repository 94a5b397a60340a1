"""
By what the versions of a project's dependencies are known: the files that may speak of them.

`reliability_lint.libraries.versions` understands these files, which takes longer than a run may in which nothing has changed. Here they are only
looked at, and rather one too many than one too few.
"""

# ruff: noqa: PTH113, PTH118, PTH120, PTH123, PTH202

from __future__ import annotations

import codecs
import os
import re

from .cache import digest
from .sources import Layout

_LARGEST = 20_000_000
_FILES = frozenset(
    {"pyproject.toml", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"},
)
_INCLUDE = re.compile(r"\s*(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s*)(.+)", re.DOTALL)
_COMMENT = re.compile(r"(^|\s)#.*")
_CONTINUED = re.compile(r"\\\r?\n")


class Evidence:
    """What the files of a project say, as digests, remembered for a run."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[str, bytes] = {}
        self._real: dict[str, bytes] = {}

    def of(self, folder: str) -> bytes:
        """The digest of everything that may tell versions to the code in a folder: what lies there and above, up to the top of the repository."""
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._at(os.path.realpath(folder))  # versions are those of where a link leads
        return known

    def _at(self, folder: str) -> bytes:
        known = self._real.get(folder)
        if known is None:
            names = self._layout.names(folder)
            parent = os.path.dirname(folder)
            top = ".git" in names
            above = b"" if top or parent == folder else self._at(parent)
            own = self._files(folder, names)
            known = self._real[folder] = digest(repr((own, top, above)).encode()) if own or top else above
        return known

    def _files(self, folder: str, names: frozenset[str]) -> list[tuple[str, bytes]]:
        """The files of one folder that count, by what they hold."""
        found = [(name, _content(os.path.join(folder, name))) for name in sorted(_FILES & names)]
        waiting = [name for name in names if name.startswith("requirements") and name.endswith(".txt")]
        if "requirements" in names:
            below = self._layout.names(os.path.join(folder, "requirements"))
            waiting += [os.path.join("requirements", name) for name in below if name.endswith(".txt")]
        seen: set[str] = set()
        tree = os.path.realpath(folder).rstrip(os.sep) + os.sep if waiting else ""
        while waiting:
            name = waiting.pop()
            real = os.path.realpath(os.path.join(folder, name))
            if name in seen or not real.startswith(tree):
                continue
            seen.add(name)
            content = _content(real)
            found.append((os.fsencode(name).hex(), content))
            waiting += [os.path.normpath(os.path.join(os.path.dirname(name), other)) for other in _included(content)]
        return [(name, digest(content)) for name, content in sorted(found)]


def _content(path: str) -> bytes:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:
            return b""
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return b""


def _included(content: bytes) -> list[str]:
    """What a requirements file says to read as well."""
    if b"-" not in content:
        return []
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    lines = _CONTINUED.sub(" ", content.decode(encoding, "replace")).splitlines()
    found = (_INCLUDE.match(_COMMENT.sub("", line).strip()) for line in lines)
    return [match[1].strip().strip("\"'") for match in found if match and "\0" not in match[1]]
