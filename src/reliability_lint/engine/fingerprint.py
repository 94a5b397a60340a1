"""By what our own code is known, and that of third parties: a report that was kept is that of the code that made it."""

# ruff: noqa: PTH100, PTH110, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, MutableMapping
from importlib.machinery import PathFinder

from .. import __version__, plugins
from ..mistake import Mistake
from .cache import Cache, digest

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What decides with us: who parses, and who compares versions. Their own versions stand in these files.
_LIBRARIES = ("libcst", "packaging")
_VERSIONS = ("__init__.py", "_version.py")


def fingerprint(cache: Cache, new: MutableMapping[bytes, bytes]) -> bytes:
    """
    The digest of our sources and models, of those of third parties, of the Python that runs us and of the libraries we use; empty where it cannot be known.

    Files that look as they did are not read again; that is noted in `new`.
    """
    python = f"{__version__} {sys.implementation.name} {sys.version}".encode()
    try:
        theirs = sorted(_looks(path) for path in plugins.files())
        if theirs != _loaded.setdefault("", theirs):  # this process may have them as they were before
            return b""
        files = sorted([*_files(), *theirs])
        python += repr((plugins.plugins(), plugins.surroundings())).encode("utf-8", "surrogateescape")
        looks = digest(python + repr((_PACKAGE, files)).encode("utf-8", "surrogateescape"))
        known = cache.get([looks]).get(looks)
        if known is None:
            known = new[looks] = digest(python + b"".join(_named(path) for path, _, _ in files))
    except OSError:  # we are in an archive, or somebody is just exchanging us
        return b""
    except Mistake:  # of a third party's: it is told when that is loaded
        return b""
    return known


_loaded: dict[str, list[tuple[str, int, int]]] = {}  # what files of third parties looked like when this process began


def _looks(path: str) -> tuple[str, int, int]:
    status = os.stat(path)
    return path, status.st_size, status.st_mtime_ns


def _files() -> Iterator[tuple[str, int, int]]:
    """Every file that decides, with its size and when it was changed."""
    waiting = [_PACKAGE]
    while waiting:
        with os.scandir(waiting.pop()) as scan:
            for entry in scan:
                if entry.name.endswith((".py", ".toml")):
                    status = entry.stat()
                    yield entry.path, status.st_size, status.st_mtime_ns
                elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir():
                    waiting.append(entry.path)
    for library in _LIBRARIES:
        found = PathFinder.find_spec(library)
        if found is None or not found.origin:
            continue
        for name in _VERSIONS:
            path = os.path.join(os.path.dirname(found.origin), name)
            if os.path.exists(path):
                status = os.stat(path)
                yield path, status.st_size, status.st_mtime_ns


def _named(path: str) -> bytes:
    """A file's content, under its name."""
    with open(path, "rb") as file:
        data = file.read()
    return f"{os.path.relpath(path, _PACKAGE)}:{len(data)}:".encode("utf-8", "surrogateescape") + data
