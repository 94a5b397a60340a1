"""
Whether other linters report what `defer-to` leaves to them: `python -m tools.peers`.

Ruff, bandit, pylint and flake8 (with its plugins) run over `fixtures`, as they come and with the checks that `rules/peers.toml` names besides. Told are

* findings that are left to a linter which does not report them, anywhere in `fixtures`: they would be lost;
* checks whose `default` in `peers.toml` is not so;
* lines of `fixtures/peers` whose marks are not what the linters say. A mark `# REL101 also: bandit:B113 ruff:S113` says who reports the line besides us;
  with a question mark behind, it is not left to that check all the same.

The linters are looked for beside the Python that runs this and in the folders that are named; libraries that pylint looks into must be installed there:

    python -m tools.peers --programs .venv-comparison/bin

The exit status is 1 if anything was told, or if a linter is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from reliability_lint.api import check_paths
from reliability_lint.diagnostics import Diagnostic
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.peers import PEERS, PeerCheck, deferrable, peer_checks

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
MARKED = FIXTURES / "peers"
CODES = tuple(sorted({code for check in peer_checks() for code in check.meets}))

_MARK = re.compile(r"# (?P<codes>REL\d{3}(?: REL\d{3})*)(?: also: (?P<checks>[^#\n]+))?$")
_RULES = {f"{check.peer}:{check.code}": check.meets for check in peer_checks()}


class Told(NamedTuple):
    """A report of a peer."""

    peer: str
    code: str
    path: Path
    line: int


class Mark(NamedTuple):
    """What a line of `fixtures/peers` says: our code, the checks (`peer:code`) that report it too, and those of them that it is not left to."""

    path: Path
    line: int
    code: str
    checks: frozenset[str]
    kept: frozenset[str]


def marks(folder: Path = MARKED) -> Iterator[Mark]:
    """The marks of all files; one at a `try` is about its first `except`, where a comment would be an explanation."""
    for path in sorted(folder.glob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if match := _MARK.search(line):
                if line.lstrip().startswith("try:"):
                    handler = f"{line.partition('try:')[0]}except"
                    number = next(at for at, other in enumerate(lines[number:], number + 1) if other.startswith(handler))
                names = (match["checks"] or "").split()
                kept = frozenset(name.rstrip("?") for name in names if name.endswith("?"))
                for code in match["codes"].split():
                    checks = frozenset(bare for name in names if code in _RULES.get(bare := name.rstrip("?"), ()))
                    yield Mark(path, number, code, checks, kept)


def found(folder: Path, *defer_to: str) -> dict[tuple[Path, int, str], Diagnostic]:
    """What our rules with peers find in a folder, by file, line and code."""
    settings = Settings(root=str(folder), include_tests=True, select=CODES, defer_to=defer_to)
    report = check_paths([str(folder)], Lookup(isolated=True, change=lambda _: settings))
    return {(Path(one.region.path).resolve(), one.region.line, one.code): one for one in report.diagnostics}


# what the others say ──────────────────────────────────────────────────────────────────────────────────────────────────


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=FIXTURES, capture_output=True, text=True, check=False)
    if done.returncode not in range(32):
        raise SystemExit(f"{command[0]} failed with exit status {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def _ruff(program: str, checks: Sequence[PeerCheck], *, unasked: bool) -> Iterator[Told]:
    more = [] if unasked else ["--preview", "--extend-select", ",".join(check.code for check in checks)]
    for one in json.loads(_output([program, "check", "--isolated", "--no-cache", "--ignore-noqa", *more, "--output-format", "json", "."])):
        yield Told("ruff", one["code"] or "", Path(one["filename"]), one["location"]["row"])


def _bandit(program: str, _checks: Sequence[PeerCheck], *, unasked: bool) -> Iterator[Told]:  # noqa: ARG001
    for one in json.loads(_output([program, "-q", "-r", "--ignore-nosec", "-f", "json", "."]))["results"]:
        yield Told("bandit", one["test_id"], (FIXTURES / one["filename"]).resolve(), one["line_number"])


def _pylint(program: str, checks: Sequence[PeerCheck], *, unasked: bool) -> Iterator[Told]:
    names = ",".join(check.names[0] for check in checks)
    quicker = [] if unasked else ["--disable", "all", "--enable", names]
    files = [str(path) for path in sorted((MARKED if unasked else FIXTURES).rglob("*.py"))]
    for one in json.loads(_output([program, "--rcfile", os.devnull, *quicker, "--output-format", "json", *files]) or "[]"):
        yield Told("pylint", one["message-id"], (FIXTURES / one["path"]).resolve(), one["line"])


def _flake8(program: str, checks: Sequence[PeerCheck], *, unasked: bool) -> Iterator[Told]:
    more = [] if unasked else ["--extend-select", ",".join(check.code for check in checks)]
    for line in _output([program, "--isolated", "--disable-noqa", *more, "--format", "%(path)s\t%(row)d\t%(code)s", "."]).splitlines():
        path, row, code = line.split("\t")
        peer = {"ASYNC": "flake8-async", "B": "flake8-bugbear", "LOG": "flake8-logging"}.get(code.rstrip("0123456789"), "flake8")
        yield Told(peer, code, (FIXTURES / path).resolve(), int(row))


_PROGRAMS = {"ruff": _ruff, "bandit": _bandit, "pylint": _pylint, "flake8": _flake8}


def said(folders: Sequence[str], *, unasked: bool) -> set[Told]:
    """What all of them say; `unasked`: what they say as they come."""
    path = os.pathsep.join([*folders, str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    told: set[Told] = set()
    for name, run in _PROGRAMS.items():
        program = shutil.which(name, path=path)
        if program is None:
            raise SystemExit(f"{name} is not installed")
        checks = [check for check in peer_checks() if check.peer.split("-")[0] == name]
        told.update(run(program, checks, unasked=unasked))
    return told


# comparisons ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def lost(unasked: set[Told], asked: set[Told]) -> Iterator[str]:
    """Findings that would be left to somebody who does not report them."""
    every = found(FIXTURES)
    for name in deferrable():
        peer, _, code = name.partition(":")
        told = {(one.path, one.line) for one in (asked if code else unasked) if one.peer == peer and code in ("", one.code)}
        for (path, line, rule), one in every.items() - found(FIXTURES, name).items():
            if not any((path, number) in told for number in range(one.lines[0], one.lines[1] + 1)):
                yield f"{path.relative_to(ROOT)}:{line}: {rule} is left to {name}, which does not report it"


def defaults(unasked: set[Told], asked: set[Told]) -> Iterator[str]:
    """Checks of which `peers.toml` does not say rightly whether they run unasked, as far as `fixtures/peers` shows it."""
    for check in peer_checks():
        there = {one for one in asked if (one.peer, one.code) == (check.peer, check.code) and one.path.parent == MARKED}
        if there and bool(there & unasked) is not check.default:
            yield f"peers.toml: {check.peer}:{check.code} is reported {'only if asked for' if check.default else 'unasked'}"
        if not there and check.reports and check.peer in PEERS:
            yield f"peers.toml: {check.peer}:{check.code} is not reported in {MARKED.relative_to(ROOT)}"


def mismarked(asked: set[Told]) -> Iterator[str]:
    """Lines whose marks are not what is said."""
    for mark in marks():
        names = {f"{one.peer}:{one.code}" for one in asked if (one.path, one.line) == (mark.path, mark.line)}
        here = {name for name in names if mark.code in _RULES.get(name, ())}
        if here != mark.checks:
            yield f"{mark.path.relative_to(ROOT)}:{mark.line}: {mark.code} also: {' '.join(sorted(here)) or 'nobody'}"


def main() -> int:
    """Compares, and says by its exit status whether all is as it should be."""
    parser = argparse.ArgumentParser(prog="tools.peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--programs", action="append", default=[], metavar="FOLDER", help="where to look for linters first; may be repeated"
    )
    arguments = parser.parse_args()
    unasked, asked = said(arguments.programs, unasked=True), said(arguments.programs, unasked=False)
    pylint = {one for one in asked if one.peer == "pylint"}  # unasked it looked at `fixtures/peers` alone, since it takes so long
    wrong = [*lost(unasked | pylint, asked), *defaults(unasked, asked), *mismarked(asked)]
    print("\n".join(wrong) or "all that is left to other linters is reported by them")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
