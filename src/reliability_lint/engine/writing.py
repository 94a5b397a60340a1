"""
Puts a repaired file in the place of the old one: whole or not at all, and only if the old one is still what was checked.

The mode, the owner where that is allowed, and what else the system keeps of a file stay as they were. Paths are real paths: of a link, it is what it leads to
that is written.
"""

# ruff: noqa: PTH101, PTH105, PTH108, PTH112, PTH116, PTH119, PTH120, PTH123

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable


def asked_for(paths: Iterable[str], asked: Iterable[str]) -> set[str]:
    """Those files (by their real paths) that were named, or that lie below a folder that was."""
    roots = {os.path.realpath(one) for one in asked}
    folders = tuple(root.rstrip(os.sep) + os.sep for root in roots if os.path.isdir(root))
    return {path for path in paths if path in roots or path.startswith(folders)}


def replace(path: str, before: bytes, after: bytes, done: str = "fixed") -> str:
    """Writes a file that held `before`; why it was not done, or "". `done` is what would have been."""
    beside = ""
    try:
        state = os.stat(path)
        if not state.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            return f"not {done}, for it is read-only"
        handle, beside = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", suffix=".tmp", dir=os.path.dirname(path))
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())  # or a crash of the machine could leave the name with nothing behind it
        _be_like(beside, path, state)
        with open(path, "rb") as file:  # as late as can be
            if file.read() != before:
                return f"not {done}, for it has changed since it was checked"
        os.replace(beside, path)
        beside = ""
    except FileNotFoundError:
        return f"not {done}, for it has gone since it was checked"
    except OSError as problem:
        return f"not {done}, for it cannot be written: {problem.strerror or problem}"
    finally:
        if beside:
            with contextlib.suppress(OSError):
                os.unlink(beside)
    return ""


def create(path: str, data: bytes) -> str:
    """Writes a file that was not there, whole or not at all; why it was not done, or ""."""
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", suffix=".tmp", dir=os.path.dirname(path))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)
        _name(beside, path)
    except FileExistsError:
        return "not written, for it is there by now"
    except OSError as problem:
        return f"not written: {problem.strerror or problem}"
    finally:
        if beside:
            with contextlib.suppress(OSError):
                os.unlink(beside)
    return ""


def _name(beside: str, path: str) -> None:
    """Gives a file another name, unless there is one of that name. A rename would take the place of it."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system that knows no second names
        with open(path, "xb") as file, open(beside, "rb") as whole:
            file.write(whole.read())


def _be_like(beside: str, path: str, state: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(beside, state.st_uid, state.st_gid)
    shutil.copystat(path, beside)
    os.utime(beside)
