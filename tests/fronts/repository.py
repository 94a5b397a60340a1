"""Git repositories for tests, made by the real git, which hears nothing of whose machine this is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


class Repository:
    """A repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env={**os.environ, **IDENTITY, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        """Writes files, and deletes those that are None."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, newline="")

    def commit(self, files: dict[str, str | None] | None = None, *, day: str = "2026-03-01", **environment: str) -> str:
        """Commits everything that there is; the new commit."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "a change", GIT_AUTHOR_DATE=f"{day}T12:00:00Z", **environment)
        return self.git("rev-parse", "HEAD")

    def state(self) -> dict[str, object]:
        """All that a command which only looks must leave as it was: every file with what it holds and when it was written, those of git included."""
        found: dict[str, object] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and ".reliability_lint_cache" not in path.parts:
                found[str(path.relative_to(self.folder))] = (path.read_bytes(), path.stat().st_mtime_ns)
        return found


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing but the repository at hand counts."""
    for name in [*os.environ]:
        if name.startswith("GIT_") or name in (
            "NO_COLOR",
            "FORCE_COLOR",
            "GITHUB_WORKSPACE",
            "GITHUB_STEP_SUMMARY",
            "RELIABILITY_LINT_DEBUG",
        ):
            monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, IDENTITY[name])
    monkeypatch.setenv("RELIABILITY_LINT_NO_CACHE", "1")
