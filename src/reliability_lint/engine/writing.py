"""
Puts a repaired file in the place of the old one: whole or not at all, and only if the old one is still what was checked.

The mode, the owner where that is allowed, and what else the system keeps of a file stay as they were. Paths are real paths: of a link, it is what it leads to
that is written. A file that has several names (hard links) gets a new one under this name; what the others name stays.

A process that is killed between writing and renaming leaves the new file beside the old one. Its name says whose it is, and no Python file has such a name; the
next who writes in that folder deletes it.
"""

# ruff: noqa: PTH101, PTH105, PTH108, PTH112, PTH116, PTH120, PTH123

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable

_BESIDE = (".reliability-lint-", ".tmp")
_IS_BESIDE = re.compile(r"\.reliability-lint-[a-z0-9_]{8}\.tmp")
# Far longer than a file is written, so that what another process is just writing is never taken for a leftover.
_LEFT_OVER = 600


def asked_for(paths: Iterable[str], asked: Iterable[str]) -> set[str]:
    """Those files (by their real paths) that were named, or that lie below a folder that was."""
    roots = {os.path.realpath(one) for one in asked}
    folders = tuple(root.rstrip(os.sep) + os.sep for root in roots if os.path.isdir(root))
    return {path for path in paths if path in roots or path.startswith(folders)}


def replace(path: str, before: bytes, after: bytes, done: str = "fixed") -> str:
    """Writes a file that held `before`; why it was not done, or "". `done` is what would have been."""
    beside = ""
    prefix, suffix = _BESIDE
    try:
        state = os.stat(path)
        if not state.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            return f"not {done}, for it is read-only"
        handle, beside = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=os.path.dirname(path))
        _fill(handle, after)
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
    prefix, suffix = _BESIDE
    try:
        handle, beside = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=os.path.dirname(path))
        _fill(handle, data)
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


def _fill(handle: int, data: bytes) -> None:
    """Writes a new file down to the disk, or a crash of the machine could leave its name with nothing behind it."""
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _name(beside: str, path: str) -> None:
    """Gives a file another name, unless there is one of that name. A rename would take the place of it."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system that knows no second names
        with open(path, "xb") as file, open(beside, "rb") as whole:
            file.write(whole.read())


def is_beside(name: str) -> bool:
    """Whether a file's name is one under which we write what is to be put in the place of another."""
    return _IS_BESIDE.fullmatch(name) is not None


def tidy(folders: Iterable[str]) -> None:
    """Deletes what killed processes have left beside the files they were to write: files of ours and of this user, unchanged for ten minutes."""
    before = time.time() - _LEFT_OVER
    for folder in set(folders):
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if is_beside(entry.name):
                    with contextlib.suppress(OSError):
                        state = entry.stat(follow_symlinks=False)
                        if stat.S_ISREG(state.st_mode) and state.st_ctime < before and _is_ours(state):
                            os.unlink(entry.path)


def _is_ours(state: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or state.st_uid == os.getuid()


def _be_like(beside: str, path: str, state: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(beside, state.st_uid, state.st_gid)
    shutil.copystat(path, beside)
    os.utime(beside)
