"""
The folder of the cache: where it lies, whether it is ours to write into, and how it is made and taken away.

A checked repository may hold anything under our name. So nothing is written into a folder that holds what is not ours, and no link is followed.
"""

# ruff: noqa: PTH103, PTH106, PTH108, PTH110, PTH112, PTH113, PTH114, PTH118, PTH120, PTH123, PTH202, PTH208

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence

from .settings import cache_dir

NAME = ".reliability_lint_cache"
DATABASE = "cache-1.sqlite"  # the number is that of the format: versions of ours with another one keep another file
LOCK = "lock"
_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"  # that of https://bford.info/cachedir/, by which other programs know a cache
_TEXTS = {
    _TAG: f"{_SIGNATURE}\n# This folder is a cache of reliability-lint. It may be deleted at any time.\n",
    ".gitignore": "# Made by reliability-lint.\n*\n",
}
_OURS = re.compile(r"CACHEDIR\.TAG|\.gitignore|lock|cache-\d+\.sqlite(-wal|-shm|-journal)?")
_PROJECT = ("reliability-lint.toml", "pyproject.toml", ".git", "setup.py", "setup.cfg")


def place(paths: Sequence[str], told: str = "", *, config: str = "", isolated: bool = False) -> str:
    """
    The folder of the cache of a run: the one that is told, else the one that the settings name, else one beside the closest file that makes a project of
    what is checked, else one in the working directory.
    """
    if told:
        return os.path.realpath(told)  # who names a link means what it leads to
    here = os.path.realpath(os.curdir)
    real = [os.path.realpath(path) for path in paths] or [here]
    try:
        folder = os.path.commonpath([path if os.path.isdir(path) else os.path.dirname(path) for path in real])
    except ValueError:  # on several drives
        folder = here
    if not isolated and (named := cache_dir(folder, config)):
        return named
    while not any(os.path.exists(os.path.join(folder, name)) for name in _PROJECT):
        parent = os.path.dirname(folder)
        if parent == folder:
            return os.path.join(here, NAME)
        folder = parent
    return os.path.join(folder, NAME)


def is_usable(folder: str) -> bool:
    """Whether a folder is ours, or could be: there is none yet, or nothing in it that we did not write, and nothing is a link."""
    if not os.path.lexists(folder):
        return True
    if os.path.islink(folder) or not os.path.isdir(folder):
        return False
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    ours = [name for name in names if _OURS.fullmatch(name)]
    return (len(ours) == len(names) or is_tagged(folder)) and all(_is_plain(os.path.join(folder, name)) for name in ours)


def _is_plain(path: str) -> bool:
    # What a database would be, but is a folder, can be put away by nobody but its owner.
    return os.path.isfile(path) and not os.path.islink(path)


def is_tagged(folder: str) -> bool:
    """Whether we have made this folder."""
    path = os.path.join(folder, _TAG)
    if os.path.islink(folder) or not _is_plain(path):
        return False
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1000) == _TEXTS[_TAG]
    except OSError:
        return False


def make(folder: str) -> bool:
    """Makes the folder, or completes one; whether it can be used. It keeps itself out of git and of backups."""
    try:
        os.makedirs(folder, exist_ok=True)
        if not is_usable(folder):
            return False
        for name, text in _TEXTS.items():
            path = os.path.join(folder, name)
            if not os.path.exists(path) or os.path.getsize(path) != len(text):
                with open(path, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
    except (OSError, ValueError):
        return False
    return True


def remove(folder: str) -> None:
    """Deletes what is ours in a folder, and the folder if nothing else is in it. Raises `OSError`."""
    ours = sorted(filter(_OURS.fullmatch, os.listdir(folder)), reverse=True)  # so what belongs to a database goes before it
    # While the lock is there nobody begins anew, and as long as the tag is there an interrupted deletion can be repeated.
    for name in sorted(ours, key=lambda one: (one == LOCK) + 2 * (one == _TAG)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name))
    with contextlib.suppress(OSError):
        os.rmdir(folder)


class Hold:
    """
    Says to other processes that the folder is in use.

    Any number may use it at once; who wants to delete a database must be alone, since what SQLite keeps beside it must never meet another one.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, LOCK)
        self._file: int | None = None

    def take(self, *, alone: bool = False) -> bool:
        """Whether it was granted; nobody is waited for."""
        try:
            import fcntl
        except ImportError:  # Windows lets nobody delete what another one has open
            return True
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            held, named = os.fstat(self._file), os.lstat(self._path)
        except OSError:
            return False
        return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)  # else somebody has deleted it meanwhile

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
