"""The comments that silence findings, as a list: where, what, why, and, as far as git knows, who wrote them and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from ..mistake import Mistake
from ..text import notebooks
from ..text.comments import Directive, directives
from ..text.source import Undecodable, decode
from .days import is_date, today
from .discover import Found, git_root
from .git import Failed, Repository
from .selection import is_prefix
from .suppress import is_reason

_PORCELAIN = re.compile(r"^([0-9a-f]{40,64}) \d+ (\d+)", re.MULTILINE)
_UNIT_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


class Author(msgspec.Struct, frozen=True):
    """Who wrote a line, and on which day; `at_least`: the history that is here ends there, so it may be older and by somebody else."""

    name: str
    day: str
    commit: str
    at_least: bool = False


class Comment(msgspec.Struct, frozen=True):
    """A comment that silences, or no longer does; `author` is None where git does not know it."""

    path: str
    line: int
    names: tuple[str, ...]
    reason: str
    until: str
    ended: bool
    author: Author | None

    @property
    def age(self) -> int | None:
        """For how many days it has been there."""
        if self.author is None:
            return None
        return (date.fromisoformat(today()) - date.fromisoformat(self.author.day)).days

    @property
    def says_why(self) -> bool:
        return is_reason(self.reason)


def days_in(text: str) -> int | None:
    """How many days a stretch such as `180d`, `26w`, `6m` or `1y` has; None where it is none."""
    match = re.fullmatch(r"(\d{1,5})([dwmy]?)", text.strip().lower(), re.ASCII)
    return int(match[1]) * _UNIT_DAYS[match[2] or "d"] if match else None


def comments_in(files: Sequence[Found]) -> list[Comment]:
    """Every comment of ours, and every `noqa` that names a code of ours."""
    found: list[Comment] = []
    repositories: dict[str, Repository | None] = {}
    for file in files:
        try:
            said = [one for one in _directives(file.path) if _is_ours(one)]
        except (OSError, Undecodable, notebooks.NoNotebook, notebooks.Foreign):
            continue
        if said:
            authors = _authors(file.path, sorted({one.line for one in said}), repositories)
            found += [_comment(file.shown, one, authors.get(one.line)) for one in said]
    return found


def _directives(path: str) -> list[Directive]:
    """The comments of a file; those of a notebook with the lines of its file, for that is what git knows."""
    data = Path(path).read_bytes()
    if not notebooks.is_notebook(path):
        return [*directives(decode(data))]
    notebook, lines = notebooks.read(data), notebooks.lines_in_file(decode(data))
    return [replace(one, line=notebooks.line_in_file(lines, notebook, one.line)) for one in directives(notebook.text)]


def _is_ours(one: Directive) -> bool:
    return one.kind == "ignore" or (one.kind == "noqa" and any(is_prefix(selector.text) for selector in one.selectors))


def _comment(path: str, one: Directive, author: Author | None) -> Comment:
    names = tuple(selector.text for selector in one.selectors if one.kind == "ignore" or is_prefix(selector.text))
    ended = bool(one.until) and (not is_date(one.until) or one.until < today())
    return Comment(path, one.line, names, one.reason, one.until, ended, author)


def _authors(path: str, lines: Sequence[int], repositories: dict[str, Repository | None]) -> dict[int, Author]:
    """Who wrote these lines of a file, as far as that is known: a list is worth having without it."""
    top = git_root(str(Path(path).parent))
    if top not in repositories:
        repositories[top] = Repository(top) if top else None
    repository = repositories[top]
    if repository is None:
        return {}
    ranges = [part for line in lines for part in ("-L", f"{line},{line}")]
    try:
        said = repository.ask("blame", "--line-porcelain", *ranges, "--", repository.below(path))
    except Failed:  # a file that git does not know yet
        return {}
    except Mistake:  # no git here
        repositories[top] = None
        return {}
    return dict(_read(said.decode("utf-8", "replace"), shallow=repository.is_shallow))


def _read(said: str, *, shallow: bool) -> Iterable[tuple[int, Author]]:
    heads = list(_PORCELAIN.finditer(said))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        block = said[head.start() : following.start() if following else len(said)].partition("\n\t")[0]
        known = dict(line.partition(" ")[::2] for line in block.split("\n")[1:])
        if set(head[1]) == {"0"}:  # changed, and not committed
            continue
        day = datetime.fromtimestamp(int(known["author-time"]), UTC).date().isoformat()
        yield int(head[2]), Author(known["author"], day, head[1], at_least=shallow and "boundary" in known)
