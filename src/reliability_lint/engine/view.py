"""
A project as it is not on disk: as it was at some commit, or as it would be committed.

Most of its files are those on disk. A view knows the others: what is in them, and which files on disk it does not have.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path


class View:
    """
    Files by their real paths. `contents` says what is in some of them, and `absent` names those on disk that are not there.

    `ground` is a folder and another one that stands for it where versions of libraries are read; both empty where that is the folder itself. `seen` are files
    on disk that were read already.
    """

    def __init__(
        self,
        contents: Mapping[str, bytes],
        absent: Iterable[str] = (),
        ground: tuple[str, str] = ("", ""),
        seen: Mapping[str, bytes] | None = None,
    ) -> None:
        self.contents = contents
        self._seen = seen or {}
        self.absent = frozenset(absent)
        self._ground = ground
        self._more: dict[str, set[str]] = {}
        self._less: dict[str, set[str]] = {}
        for path in contents:
            folder, name = os.path.split(path)
            while name and name not in self._more.setdefault(folder, set()):
                self._more[folder].add(name)
                folder, name = os.path.split(folder)
        for path in self.absent:
            folder, name = os.path.split(path)
            self._less.setdefault(folder, set()).add(name)

    def read(self, path: str) -> bytes:
        """What a file holds. Raises `OSError`."""
        known = self.contents.get(path)
        if known is not None:
            return known
        if path in self.absent:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        seen = self._seen.get(path)
        return seen if seen is not None else Path(path).read_bytes()

    def names(self, folder: str, on_disk: frozenset[str]) -> frozenset[str]:
        """What lies in a folder."""
        if folder in self._less:
            on_disk = on_disk.difference(self._less[folder])
        return on_disk.union(self._more[folder]) if folder in self._more else on_disk

    def ground(self, folder: str) -> str:
        """The folder on disk in which versions are to be read for the code of a folder."""
        root, stand_in = self._ground
        if not root or not (folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)):
            return folder
        return stand_in + folder[len(root.rstrip(os.sep)) :]


DISK = View({})
