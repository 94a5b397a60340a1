"""
What is kept between runs: keys and values, both bytes, in an SQLite database.

Keys are digests of everything that a value depends on, so a value never becomes wrong; it is only no longer asked for. Whatever is wrong with the
database, the disk or the folder: then there is no cache, or an empty one, and the run goes on. Only the process that has opened it may use it.
"""

# ruff: noqa: PTH108, PTH118

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from .cache_folder import DATABASE, Hold, is_usable, make

if TYPE_CHECKING:
    from sqlite3 import Connection

LARGEST = 200_000_000  # bytes, beyond which what was not used for the longest time goes
_KEPT_DAYS = 60
_PATIENCE = 3.0  # seconds to wait for another run that is just writing
_CHECK = 8  # bytes before each value, by which one that was damaged on disk is known
_MANY = 500  # keys in one question

_TABLE = "CREATE TABLE entry (key BLOB PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL)"
_ORDER = "CREATE INDEX entry_used ON entry (used)"

# SQLite's errors that say nothing against the database itself: not allowed, busy, out of memory, read-only, interrupted, no disk, full, not to be opened.
_PASSING = frozenset({3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 22, 23})


def digest(data: bytes) -> bytes:
    """By what data are known."""
    return blake2b(data, digest_size=20).digest()


def _check(key: bytes, value: bytes) -> bytes:
    return blake2b(value, key=key[:64], digest_size=_CHECK).digest()


class Cache:
    """The entries of a folder. It is made when there is something to keep, not before."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._path = os.path.join(folder, DATABASE)
        self._connection: Connection | None = None
        self._hold = Hold(folder)
        self._today = int(time.time() // 86400)
        self._used: list[bytes] = []  # entries that were last used on another day
        if os.path.lexists(self._path) and is_usable(folder):
            self._open()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are there."""
        found: dict[bytes, bytes] = {}
        wanted = list(dict.fromkeys(keys))
        with self._guarded():
            for start in range(0, len(wanted), _MANY):
                some = wanted[start : start + _MANY]
                if self._connection is None:
                    break
                places = ",".join("?" * len(some))
                for key, used, value in self._connection.execute(f"SELECT key, used, value FROM entry WHERE key IN ({places})", some):
                    if isinstance(value, bytes) and value[:_CHECK] == _check(key, payload := value[_CHECK:]):
                        found[key] = payload
                        if used != self._today:
                            self._used.append(key)
        return found

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keeps entries, all or none, and says of those that were read that they are in use."""
        if entries and not make(self.folder):
            return
        if entries and self._connection is None:
            self._open()
        if self._connection is None or not (entries or self._used):
            return
        with self._guarded():
            self._connection.execute("BEGIN IMMEDIATE")
            rows = ((key, self._today, _check(key, value) + value) for key, value in entries.items())
            self._connection.executemany("INSERT OR REPLACE INTO entry (key, used, value) VALUES (?, ?, ?)", rows)
            self._connection.executemany("UPDATE entry SET used = ? WHERE key = ?", ((self._today, key) for key in self._used))
            self._prune(self._connection)
            self._connection.execute("COMMIT")
            self._used.clear()

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(Exception):
                connection.close()
        self._hold.release()

    def _open(self) -> None:
        if not self._hold.take():
            self._hold.release()
            return
        with self._guarded():
            connection = self._connect()
            if not self._is_ours(connection):
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                    self._build(connection)
                else:
                    self._start_anew()
        if self._connection is None:
            self._hold.release()

    def _connect(self) -> Connection:
        import sqlite3

        # Transactions are begun and ended by us.
        self._connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
        # What a crash of the machine may damage we notice; that of a process damages nothing.
        self._connection.execute("PRAGMA synchronous = OFF")
        return self._connection

    def _is_ours(self, connection: Connection) -> bool:
        found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql").fetchall()
        return [sql for (sql,) in found] == [_ORDER, _TABLE]

    def _build(self, connection: Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if not self._is_ours(connection):  # another run may have been quicker
            connection.execute(_TABLE)
            connection.execute(_ORDER)
        connection.execute("COMMIT")

    def _start_anew(self) -> None:
        """Throws a database away that is none of ours, or damaged. If others use it just now, there is no cache this time."""
        self._used.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if not self._hold.take(alone=True):
            return
        for ending in ("-wal", "-shm", "-journal", ""):  # never a new database with an old journal
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path + ending)
        self._build(self._connect())
        self._hold.take()

    def _prune(self, connection: Connection) -> None:
        """Lets go of what was not used for long."""
        connection.execute("DELETE FROM entry WHERE used < ? OR used > ?", (self._today - _KEPT_DAYS, self._today + 1))
        page, pages, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count"))
        size = page * (pages - free)
        if size > LARGEST:
            (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
            surplus = int(entries * (1 - 0.75 * LARGEST / size))
            connection.execute("DELETE FROM entry WHERE rowid IN (SELECT rowid FROM entry ORDER BY used, rowid LIMIT ?)", (surplus,))

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever SQLite or the system says against the cache ends here."""
        import sqlite3

        try:
            yield
        except (sqlite3.Error, ValueError, OverflowError) as problem:  # a damaged database may also give text that is none
            if getattr(problem, "sqlite_errorcode", 0) & 0xFF in _PASSING:
                self.close()
                return
            try:
                self._start_anew()
            except (sqlite3.Error, OSError):
                self.close()
        except (OSError, MemoryError):
            self.close()
        except BaseException:  # Ctrl-C
            self.close()
            raise
