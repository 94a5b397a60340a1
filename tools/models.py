"""
What we know of libraries, against a list of what there is to know: `python -m tools.models`.

`docs/models.md` has a row for everything that was collected about a library's behaviour: the names under which it is modelled, or the reason why it is
not. This tool counts both, and fails where a row has neither, or names a callable or type that no model knows.

With `--facts`, Markdown files with the tables that were collected are read too. Every library that a row of theirs names in its first cell, in code
spans, must be named in a row of the same section of the page; in tables whose first column is headed "Framework", every word of that cell.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from reliability_lint.libraries.index import Index, index_for
from reliability_lint.libraries.load import names, shipped, spellings
from reliability_lint.libraries.schema import Model
from reliability_lint.libraries.versions import Versions

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "models.md"

_SECTION = re.compile(r"^#+ +(?P<file>[\w-]+\.md|)\W*(?P<number>\d+(?:\.\d+)*)\b")
_SPAN = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"^@?([A-Za-z_][\w.]*)")
_SEPARATORS = re.compile(r"[/,]| and ")
_ASIDE = re.compile(r"\(.*?\)|\s\d+(?=\s*$|\s*/)")  # what stands in brackets, and a major version
_NO_FRAMEWORKS = frozenset({"Others", "Workers", "Project helpers"})
_CELLS = re.compile(r"(?<!\\)\|")


class Row(NamedTuple):
    """A row of the page: where the fact was collected, what it is about, and what became of it."""

    line: int
    section: str
    subject: str
    modelled: str
    reason: str


def rows(page: str) -> Iterator[Row]:
    """The rows of the page's tables, without their heads."""
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("|") or set(line) <= set("|-: ") or line.startswith("| section"):
            continue
        cells = [cell.strip() for cell in _CELLS.split(line.strip())[1:-1]]
        if len(cells) != 4:
            raise SystemExit(f"{PAGE.name}:{number}: a row has 4 cells (section, subject, modelled as, why not), not {len(cells)}")
        section, subject, modelled, reason = cells
        yield Row(number, section, subject, modelled, reason)


def names_of(models: Iterable[Model]) -> Iterator[str]:
    """Every name that a model speaks of, in whatever version of its library."""
    for model in models:
        yield f"{model.library}.toml"
        yield from model.aliases
        for kind in model.type:
            yield from (kind.name, *kind.made_by)
        for entry in model.call:
            for pattern in names(entry.name):
                yield from (name for name, _ in spellings(pattern, model.sets))
        yield from (name for strategy in model.strategy for name in strategy.name)
        yield from (item.name for item in (*model.instance, *model.timeout_class, *model.handler_class))


def unknown(row: Row, index: Index, known: frozenset[str]) -> Iterator[str]:
    """The names that a row gives as modelled and that no model has; sets in braces and keys of models are not looked up."""
    for name in _SPAN.findall(row.modelled):
        if name.partition(".")[0] in index.roots and "." in name and not re.search(r"[{}*=\s()\[\]…,/]|\.$", name):
            canonical = index.canonical(name)
            if canonical not in known and not any(one.startswith(f"{canonical}.") for one in known):
                yield name


def collected(path: Path, sections: set[str]) -> Iterator[tuple[str, int, str]]:
    """Section, line and library of every name in the first cells of a file's tables, for these sections."""
    section = head = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        heading = re.match(r"^#+ +(\d+(?:\.\d+)*)\b", line)
        if heading:
            section = heading[1]
        if not line.startswith("|"):
            head = ""
        if section not in sections or not line.startswith("|") or set(line) <= set("|-: "):
            continue
        first = _CELLS.split(line)[1]
        head = head or first.strip()
        if head == "Framework" and first.strip() != head:
            for part in _SEPARATORS.split(_ASIDE.sub("", first.replace("*", ""))):
                if part.strip() and part.strip() not in _NO_FRAMEWORKS:
                    yield section, number, part.strip()
        for span in _SPAN.findall(first):
            name = _NAME.match(span)
            if name and "." in name[1]:
                yield section, number, name[1].partition(".")[0]


def main() -> int:
    """Counts and compares; 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="tools.models", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--facts", nargs="+", type=Path, default=[], metavar="FILE", help="Markdown files with the tables that were collected"
    )
    arguments = parser.parse_args()
    index = index_for(Versions())
    known = frozenset(names_of(shipped()))
    page = list(rows(PAGE.read_text(encoding="utf-8")))
    problems: list[str] = []
    for row in page:
        if not row.modelled and not row.reason:
            problems.append(f"{PAGE.name}:{row.line}: {row.subject} is neither modelled nor is there a reason")
        problems += [f"{PAGE.name}:{row.line}: no model has {name}" for name in unknown(row, index, known)]
    counts = Counter("modelled" if row.modelled else "not modelled, with a reason" for row in page)
    print(f"{len(page)} rows: {', '.join(f'{number} {what}' for what, number in sorted(counts.items()))}")
    print(f"{len(index.roots)} libraries, {len(index.calls)} callables, {len(index.types)} types")
    for path in arguments.facts:
        mentioned: dict[str, str] = {}
        for row in page:
            file, _, section = row.section.rpartition(" ")
            if not file or file == path.name:
                mentioned[section] = mentioned.get(section, "") + " ".join((row.subject, row.modelled, row.reason, ""))
        found = list(collected(path, set(mentioned)))
        missing = [one for one in found if one[2].lower() not in mentioned[one[0]].lower()]
        print(f"{path.name}: {len(found)} names in sections {', '.join(sorted(mentioned))}: {len(found) - len(missing)} are in the page")
        problems += [f"{path.name}:{line}: section {section}: nothing is said of {library}" for section, line, library in missing]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
