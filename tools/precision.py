"""
What we say of real backends against what was judged by reading: `python -m tools.precision`.

`docs/precision.md` holds a verdict for every finding that was read. This tool checks the corpus with the rules of all sets, and prints the findings that
nobody has judged yet and the verdicts whose findings are gone. `--write` brings the table of the page up to date. It fails where a finding of the
recommended set has no verdict, or where such a rule is true in less than 95 of 100.

A verdict is a line of the page, below the heading of its rule:

    - `weblate-2026.10.1/weblate/utils/tasks.py:305` true: pg_dump below a task
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from .corpus import corpus, everything
from .ecosystem import Report, check

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "precision.md"
CATALOGUE = ROOT / "src" / "reliability_lint" / "rules" / "catalogue.toml"
ENOUGH = {"recommended": 0.95, "strict": 0.8}
MOST = 20

_HEADING = re.compile(r"^## (?P<name>[\w-]+) (?P<code>REL\d{3})$")
_VERDICT = re.compile(r"^- `(?P<path>[^`]+\.py):(?P<line>\d+)` (?P<verdict>true|false|debatable): (?P<why>.+)$")
_TABLE = re.compile(r"(?m)^\| rule \|.*\n(?:\|.*\n)+")
_OURS = frozenset({"REL000", "REL001", "REL002", "REL003", "REL004", "REL005"})  # about the run, not about the code


class Place(NamedTuple):
    """Where a finding stands: the path begins with the folder in the corpus."""

    path: str
    line: int


class Verdict(NamedTuple):
    """What somebody who has read a finding says of it."""

    place: Place
    verdict: str
    why: str


def verdicts(page: str) -> dict[str, list[Verdict]]:
    """The verdicts of the page, by code; what looks like one and is none is an error."""
    found: dict[str, list[Verdict]] = {}
    code = ""
    for number, line in enumerate(page.splitlines(), 1):
        if heading := _HEADING.match(line):
            code = heading["code"]
            found.setdefault(code, [])
        elif verdict := _VERDICT.match(line):
            if not code:
                raise SystemExit(f"{PAGE.name}:{number}: a verdict that stands below no rule")
            found[code].append(Verdict(Place(verdict["path"], int(verdict["line"])), verdict["verdict"], verdict["why"]))
        elif line.startswith("- `") and ".py:" in line:
            raise SystemExit(f"{PAGE.name}:{number}: not a verdict, which would be: - `path.py:1` true|false|debatable: why")
    return found


def findings(jobs: int) -> dict[str, list[Place]]:
    """What we find in the corpus, by code."""
    found: dict[str, list[Place]] = defaultdict(list)
    for path in everything():
        for one in msgspec.json.decode(check(path, ["--select=all"], jobs), type=Report).findings:
            if one.code not in _OURS:
                found[one.code].append(Place(one.path, one.line))
    return found


def table(rules: Mapping[str, tuple[str, str]], found: Mapping[str, list[Place]], judged: Mapping[str, list[Verdict]]) -> str:
    """The page's table: of each rule what was found, what was read of it, and the verdicts."""
    lines = ["| rule | set | found | read | true | debatable | false | true of read |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    for code, (name, chosen) in rules.items():
        here = set(found.get(code, ()))
        counts = Counter(one.verdict for one in judged.get(code, ()) if one.place in here or not _of_corpus(one.place))
        read = counts.total()
        share = f"{100 * counts['true'] / read:.0f} %" if read else "–"
        numbers = " | ".join(str(n) for n in (len(found.get(code, ())), read, counts["true"], counts["debatable"], counts["false"]))
        lines.append(f"| [{name}](rules/{name}.md) {code} | {chosen} | {numbers} | {share} |")
    return "\n".join(lines) + "\n"


def _of_corpus(place: Place) -> bool:
    return (corpus() / place.path.partition("/")[0]).is_dir()


def catalogued(judged: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and set of every rule that has a section or a page."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["rule"]
    written = {row["code"] for row in rows if (ROOT / "docs" / "rules" / f"{row['name']}.md").is_file()} - _OURS
    return {row["code"]: (row["name"], row["set"]) for row in rows if row["code"] in written | set(judged)}


def main() -> int:
    """Checks, compares, perhaps writes; 1 where a verdict is missing or a rule says too much that is not true."""
    parser = argparse.ArgumentParser(prog="tools.precision", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"bring the table of {PAGE.relative_to(ROOT)} up to date")
    arguments = parser.parse_args()
    if not everything():
        parser.error(f"there is nothing in {corpus()}")
    page = PAGE.read_text(encoding="utf-8")
    judged = verdicts(page)
    rules = catalogued(judged)
    found = findings(arguments.jobs)
    print(table(rules, found, judged))
    bad = False
    for code, (name, chosen) in rules.items():
        read = {one.place: one for one in judged.get(code, ())}
        here = sorted(set(found.get(code, ())))
        unread = [place for place in here if place not in read]
        for place in unread:
            print(f"not judged: {code} {name} {place.path}:{place.line}")
        for place in sorted(read.keys() - set(here)):
            if _of_corpus(place):
                print(f"gone: {code} {name} {place.path}:{place.line}, which was {read[place].verdict}: {read[place].why}")
        counted = [one.verdict for one in judged.get(code, ()) if one.place in here or not _of_corpus(one.place)]
        share = counted.count("true") / len(counted) if counted else 1.0
        enough = not unread or len(here) - len(unread) >= MOST
        if chosen in ENOUGH and (not enough or share < ENOUGH[chosen]):
            print(f"TOO LITTLE: {code} {name} is {chosen}: {100 * share:.0f} % true, {len(unread)} of {len(here)} not judged")
            bad = bad or chosen == "recommended"
    if arguments.write:
        PAGE.write_text(_TABLE.sub(lambda _: table(rules, found, judged), page, count=1), encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
