"""Forgets what a process remembers of files besides those that it checks, for those that run for long: a server, a watcher."""

from __future__ import annotations

from ..libraries import versions
from ..libraries.index import index_for
from . import settings


def forget() -> None:
    """Lock files, models of libraries, and where projects begin are read again from now on. Settings and baselines always are, when they have changed."""
    versions.forget()
    settings.forget()
    index_for.cache_clear()
