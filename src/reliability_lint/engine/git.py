"""
What a git repository knows, asked of git itself.

Git is told to run nothing that the repository names (no hooks, no monitors, no filters, no pagers), to ask nobody and to fetch nothing, and it is only asked
what reads: neither the work tree nor the index is ever touched.
"""

# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha1, sha256

import msgspec

from ..mistake import Mistake
from ..text.paths import shown_path
from .discover import git_root

PATIENCE = 60.0  # seconds for one question

_QUIET = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.pager=cat",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    "-c", "gc.auto=0",
)  # fmt: skip
# Which repository is meant; a hook of another one may have set them.
_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE")
_LINK = "120000"
_SUBMODULE = "160000"
# No work tree can hold such a name; a tree that was made up by hand may, to have a file written elsewhere.
_UNSAFE = re.compile(r"(?:^|/)(?:\.{0,2}|\.git)(?:/|$)", re.IGNORECASE)


class Failed(Mistake):
    """Git said no; the message is its own. Nothing else needs to be said where nobody knows better."""


class Listing(msgspec.Struct, frozen=True):
    """All files of a commit or of the index by name, and the folders that are repositories of their own."""

    files: dict[str, str]
    submodules: tuple[str, ...]


class Repository:
    """A repository by the top of its work tree (a real path)."""

    def __init__(self, top: str) -> None:
        self.top = top
        self._environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
        if git_root(os.path.realpath(os.curdir)) != top:
            for name in _PLACES:
                self._environment.pop(name, None)

    def ask(self, *question: str, told: bytes = b"", fine: Sequence[int] = (0,)) -> bytes:
        """What git answers. Raises `Failed` where it has none, `Mistake` where there is no git or it does not come back."""
        command = ["git", "-C", self.top, "--no-pager", "--literal-pathspecs", *_QUIET, *question]
        try:
            done = subprocess.run(command, input=told, capture_output=True, timeout=PATIENCE, env=self._environment, check=False)
        except (FileNotFoundError, NotADirectoryError):
            raise Mistake("git is needed for this, and was not found", hint="install git, or add it to PATH") from None
        except subprocess.TimeoutExpired:
            raise Mistake(f"git {question[0]} took longer than {PATIENCE:g} seconds", path=shown_path(self.top)) from None
        except OSError as problem:
            raise Mistake(f"git cannot be run: {problem.strerror or problem}") from None
        if done.returncode not in fine:
            said = done.stderr.decode("utf-8", "replace").strip()
            if "dubious ownership" in said:
                raise Mistake(
                    "git does not trust this repository, since somebody else owns it",
                    path=shown_path(self.top),
                    hint=f"git config --global --add safe.directory {self.top}",
                )
            raise Failed(f"git {question[0]}: {_last_line(said)}", path=shown_path(self.top))
        return done.stdout

    def line(self, *question: str) -> str:
        """An answer of one line; empty where git has none."""
        try:
            return self.ask(*question).decode("utf-8", "surrogateescape").strip()
        except Failed:
            return ""

    @property
    def is_shallow(self) -> bool:
        return self.line("rev-parse", "--is-shallow-repository") == "true"

    def commit(self, revision: str) -> str:
        """The commit that a revision means; empty where there is none."""
        return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")

    def merge_base(self, one: str, other: str) -> str:
        """The commit at which two histories part; empty where none is known."""
        return self.line("merge-base", one, other).partition("\n")[0]

    def tree(self, commit: str) -> Listing:
        """The files of a commit."""
        return _listing((mode, name, found) for mode, _, found, name in _entries(self.ask("ls-tree", "-r", "-z", "--full-tree", commit)))

    def index(self) -> Listing:
        """The files of the index. Of one that is in conflict our side counts."""
        return _listing(
            (mode, name, found)
            for mode, found, stage, name in _entries(self.ask("ls-files", "--stage", "-z", "--full-name"))
            if stage in ("0", "2")
        )

    def contents(self, objects: Iterable[str]) -> dict[str, bytes]:
        """What some objects hold. Raises `Failed` where one is missing, as in a clone that has left them with the server."""
        wanted = list(dict.fromkeys(objects))
        if not wanted:
            return {}
        data = self.ask("cat-file", "--batch", told="".join(f"{one}\n" for one in wanted).encode())
        found: dict[str, bytes] = {}
        at = 0
        for one in wanted:
            end = data.index(b"\n", at)
            head = data[at:end].split()
            if len(head) != 3 or not head[2].isdigit():
                raise Failed(f"the object {one} is not here")
            at = end + 1 + int(head[2])
            found[one] = data[end + 1 : at]
            at += 1
        return found

    def below(self, path: str) -> str:
        """The name of a file (its real path) from the top, with forward slashes."""
        return os.path.relpath(path, self.top).replace(os.sep, "/")

    def path(self, name: str) -> str:
        """The real path of a file by its name."""
        return os.path.join(self.top, *name.split("/"))


def _last_line(said: str) -> str:
    """What matters of what git says."""
    lines = [line for line in said.splitlines() if line.strip()] or ["it failed"]
    return next((line for line in lines if line.startswith("fatal: ")), lines[-1]).removeprefix("fatal: ")


def _entries(data: bytes) -> Iterator[tuple[str, str, str, str]]:
    for line in data.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            head, _, name = line.partition("\t")
            first, second, third = head.split()
            yield first, second, third, name


def _listing(entries: Iterable[tuple[str, str, str]]) -> Listing:
    files: dict[str, str] = {}
    submodules: list[str] = []
    for mode, name, found in entries:
        if mode == _SUBMODULE:
            submodules.append(name)
        elif mode != _LINK and not _UNSAFE.search(name):
            files[name] = found
    return Listing(files, tuple(submodules))


def object_of(data: bytes, like: str) -> str:
    """The name of the object that would hold some bytes, as `like` is one."""
    return (sha256 if len(like) == 64 else sha1)(b"blob %d\0" % len(data) + data).hexdigest()


def repository_of(paths: Iterable[str]) -> Repository:
    """The repository in which all of some paths lie."""
    tops: dict[str, str] = {}
    for path in paths:
        real = os.path.realpath(path)
        tops.setdefault(git_root(real if os.path.isdir(real) else os.path.dirname(real)), path)  # noqa: PTH112
    if "" in tops:
        raise Mistake(
            "this is not in a git repository",
            path=shown_path(tops[""]),
            hint="git is asked what has changed: run `git init`, or leave the option out",
        )
    if len(tops) > 1:
        first, second, *_ = tops.values()
        raise Mistake(
            f"'{shown_path(first)}' and '{shown_path(second)}' lie in different git repositories", hint="check one repository at a time"
        )
    return Repository(next(iter(tops)))
