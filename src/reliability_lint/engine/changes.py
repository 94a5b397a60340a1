"""
What a change has brought: findings that are there now and were not before.

Both sides are checked, and what is found is compared as a baseline compares it. So what a change causes in a file that it does not touch is told, and what it
merely moves is not. The side before is read from git's objects, and the side that would be committed from the index; the work tree is never touched.

Settings are those on disk on both sides: a rule that is switched on today is not what a change of the code has brought.
"""

# ruff: noqa: PTH103, PTH114, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from .. import registry
from ..diagnostics import Report
from ..mistake import Mistake, did_you_mean
from ..text.paths import shown_path
from .baseline import Baseline, Entry, entry_of, matching
from .discover import ENDINGS, Found, is_excluded, is_generated
from .git import Failed, Listing, Repository, object_of
from .memory import Memory
from .run import run
from .settings import Lookup
from .view import DISK, View

NOTHING = Listing({}, ())
# What may tell versions of libraries.
_GROUND = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|uv\.lock|poetry\.lock|pdm\.lock|pylock\.toml|Pipfile\.lock|[^/]+\.txt|[^/]+\.in)$"
)
_SHALLOW = (
    "this clone is shallow: fetch more of the history with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0` for actions/checkout, "
    "in GitLab with the variable GIT_DEPTH: 0"
)


def since(repository: Repository, revision: str) -> Listing:
    """The files at the commit where the history of HEAD and that of a revision part."""
    head = repository.commit("HEAD")
    if not head:
        raise Mistake("there is no commit yet, so there is nothing to compare with", path=shown_path(repository.top))
    other = repository.commit(revision)
    if not other:
        raise Mistake(f"git knows no revision '{revision}' here", hint=_where_it_may_be(repository, revision))
    base = repository.merge_base(other, head)
    if not base:
        hint = _SHALLOW if repository.is_shallow else "they began apart; name a revision that is among the ancestors of both"
        raise Mistake(f"git knows no commit where HEAD and '{revision}' part", hint=hint)
    return repository.tree(base)


def last_commit(repository: Repository) -> Listing:
    """The files of HEAD; none where there is no commit yet."""
    return repository.tree("HEAD") if repository.commit("HEAD") else NOTHING


def _where_it_may_be(repository: Repository, revision: str) -> str:
    if repository.is_shallow:
        return _SHALLOW
    names = repository.line("for-each-ref", "--format=%(refname:short)").split()
    remote, _, branch = revision.partition("/")
    if branch and remote in repository.line("remote").split():
        return f"fetch it first: git fetch {remote} {branch}"
    return did_you_mean(revision, names) or "name a branch, a tag or a commit that is in this clone"


class Change:
    """
    A change of what lies in a repository: `after` is what is checked, `before` what that is compared with.

    `found` are the files that were found on disk. With `staged` the side after is what would be committed, else what is on disk. To be closed.
    """

    def __init__(self, repository: Repository, before: Listing, found: Sequence[Found], *, staged: bool) -> None:
        self.repository = repository
        self._closing = ExitStack()
        self._index = repository.index()
        self._before = before
        self._found = found
        self._disk: dict[str, bytes | None] = {}
        self._staged = staged
        self.after = self._view(self._index) if staged else DISK

    def __enter__(self) -> Change:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def files(self, asked: Sequence[str], lookup: Lookup) -> list[Found]:
        """The files to check: with those that are in the index alone, and without those that are not in it."""
        if not self._staged:
            return list(self._found)
        kept = [one for one in self._found if one.path not in self.after.absent]
        return _sorted([*kept, *self._beside(self._index, kept, self.after, asked, lookup)])

    def brought(
        self,
        report: Report,
        files: Sequence[Found],
        asked: Sequence[str],
        lookup: Lookup,
        *,
        jobs: int,
        memory: Memory | None,
        whole: bool,
    ) -> frozenset[int]:
        """Of the findings of a report on `files`, those that the change has brought, by their `id`."""
        told = [one for one in report.diagnostics if one.code != "REL000"]
        failed = frozenset(id(one) for one in report.diagnostics if one.code == "REL000")
        if not told:
            return failed
        before = self._view(self._before)
        there = [one for one in files if one.path not in before.absent]
        gone = self._beside(self._before, files, before, asked, lookup)
        described = registry.described()
        together = whole and any(one.code in described and described[one.code].project for one in told)
        concerned = {one.region.path for one in told}
        old = [one for one in there if together or one.shown in concerned or one.path in before.contents]
        was = run(
            _sorted([*old, *gone]),
            jobs=jobs,
            memory=Memory(memory.cache, before, beside=memory) if memory is not None else None,
            whole=together,
            view=before,
        )
        place = {one.shown: one.path for one in (*files, *gone)}
        now = {one.path for one in files}

        def exists(entry: Entry) -> bool:
            return entry.path in now

        known = Baseline("", tuple(entry_of(one, place[one.region.path]) for one in was.diagnostics if one.code != "REL000"))
        said = matching(known, [(one, place.get(one.region.path, "")) for one in told], lambda _: True, exists)
        return failed.union(id(one) for one in said.new)

    def _beside(self, listing: Listing, found: Sequence[Found], view: View, asked: Sequence[str], lookup: Lookup) -> list[Found]:
        """The Python files of a listing that are neither found nor on disk, below what was asked for."""
        known = {one.path for one in found}
        real = {os.path.realpath(path) for path in asked}
        folders = tuple(path.rstrip(os.sep) + os.sep for path in real)
        beside = []
        for name in listing.files:
            path = self.repository.path(name) if name.endswith(ENDINGS) else ""
            if not path or path in known or not (path in real or path.startswith(folders)):
                continue
            if os.path.lexists(path) and path not in self.after.absent:
                continue
            settings = lookup.of_file(path)
            if not is_excluded(path, settings) and not is_generated(path, view.contents.get(path)):
                beside.append(Found(path, shown_path(path), settings))
        return beside

    def _view(self, listing: Listing) -> View:
        """The project with the files of a listing."""
        names = [name for name in listing.files if name.endswith(ENDINGS) or _GROUND.search(name)]
        held = self._contents(listing.files[name] for name in names if self._differs(name, listing.files[name]))
        changed = {name: held[found] for name in names if (found := listing.files[name]) in held and not self._is_same(name, held[found])}
        contents = {self.repository.path(name): data for name, data in changed.items() if name.endswith(ENDINGS)}
        tracked = {name for name in self._index.files if name.endswith(ENDINGS)}
        tracked.update(self.repository.below(one.path) for one in self._found)
        apart = tuple(f"{name}/" for name in {*listing.submodules, *self._index.submodules})
        absent = {name for name in tracked if name not in listing.files and not name.startswith((*apart, "../"))}
        seen = {self.repository.path(name): data for name, data in self._disk.items() if data is not None and name not in absent}
        return View(contents, map(self.repository.path, absent), self._ground(listing, changed), seen)

    def _contents(self, objects: Iterable[str]) -> dict[str, bytes]:
        try:
            return self.repository.contents(objects)
        except Failed as problem:
            raise Mistake(
                f"git does not have all that is to be compared: {problem.message}",
                path=shown_path(self.repository.top),
                hint="a partial clone leaves files with the server: fetch them with `git fetch --refetch --no-filter`",
            ) from None

    def _differs(self, name: str, wanted: str) -> bool:
        data = self._on_disk(name)
        return data is None or object_of(data, wanted) != wanted

    def _is_same(self, name: str, data: bytes) -> bool:
        """Whether a file is on disk as it is in git but for how its lines end: git may be told to change that on its way."""
        there = self._on_disk(name)
        return there is not None and there.replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n")

    def _on_disk(self, name: str) -> bytes | None:
        if name not in self._disk:
            path = self.repository.path(name)
            try:
                self._disk[name] = DISK.read(path) if not os.path.islink(path) else None
            except OSError:
                self._disk[name] = None
        return self._disk[name]

    def _ground(self, listing: Listing, changed: dict[str, bytes]) -> tuple[str, str]:
        """Where versions of libraries are read: where files that tell them are others, in a folder that has these and nothing else."""
        names = [name for name in listing.files if _GROUND.search(name)]
        more = [name for name in self._index.files if _GROUND.search(name) and name not in listing.files]
        if not more and not any(name in changed for name in names):
            return "", ""
        top = os.path.realpath(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="reliability-lint-")))
        for name in (".git", *names):
            path = os.path.join(top, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(changed[name] if name in changed else self._on_disk(name) or b"")
        return self.repository.top, top


def _sorted(files: Iterable[Found]) -> list[Found]:
    return sorted(files, key=lambda one: one.shown)
