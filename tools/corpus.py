"""Where the code of real backends lies that measurements and comparisons read. None of it is part of this repository."""

from __future__ import annotations

import os
from pathlib import Path


def corpus() -> Path:
    """The folder of all of them: `$RELIABILITY_LINT_CORPUS`, else one in the user's cache."""
    return Path(os.environ.get("RELIABILITY_LINT_CORPUS") or Path.home() / ".cache" / "reliability-lint-corpus")


def everything() -> list[Path]:
    """Every folder of code, in order; hidden ones are our own notes."""
    return sorted(entry for entry in corpus().glob("*") if entry.is_dir() and not entry.name.startswith("."))


def folder(name: str) -> Path:
    """A folder by its name in the corpus, with or without its version, or by its path; exits where there is none."""
    for found in (*everything(), Path(name)):
        if found.is_dir() and (name in (found.name, found.name.rpartition("-")[0]) or found == Path(name)):
            return found.resolve()
    known = ", ".join(entry.name for entry in everything()) or "nothing"
    raise SystemExit(f"there is no folder '{name}', neither here nor in {corpus()} (which holds {known})")
