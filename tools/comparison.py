"""
What other linters see of the hazards in `fixtures/hazards`: `python -m tools.comparison`.

Each function there that has a docstring is a case. Those whose docstring begins with "right" are correct code; there, a report is a false alarm. Every
tool runs with all of its checks; only codes that speak of the hazards are counted (`SPEAKING`), not those about style or imports. A tool that is not
installed has no column. Other environments can be named, each by its folder of programs:

    python -m tools.comparison --programs .venv-comparison/bin --write
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from reliability_lint.api import check_paths
from reliability_lint.engine.settings import Lookup, Settings

ROOT = Path(__file__).resolve().parent.parent
HAZARDS = ROOT / "fixtures" / "hazards"
PAGE = ROOT / "docs" / "comparison.md"
# Of the family `errors` those that speak of a handler and what becomes of its exception, not those that ask for it everywhere.
_ERRORS = (501, 502, 503, 507, 509, 510, 511, 512, 513, 514, 515, 517, 518, 519, 521, 526, 527, 528, 529, 530, 531, 536, 537, 550, 551)
RULES = ("REL1", "REL7", *(f"REL{number}" for number in _ERRORS))

# The codes with which a tool tells of a wait, a repetition, a blocked loop, a lost task, or an exception that is lost, kept, or recorded badly.
SPEAKING = {
    "ours": re.compile(r"REL\d+"),
    "ruff": re.compile(
        r"S101|S113|S112|S110|BLE001|E722|B012|B904|SIM107|TRY301|TRY40[01]|LOG004|LOG014|T201|FIX00\d|RUF006|ASYNC(110|2\d\d)"
    ),
    "bandit": re.compile(r"B101|B113|B112|B110"),
    "pylint": re.compile(
        r"missing-timeout|broad-exception-caught|bare-except|raise-missing-from|lost-exception|(return|break|continue)-in-finally"
        r"|misplaced-bare-raise|fixme|(possibly-)?used-before-assignment"
    ),
    "flake8": re.compile(r"ASYNC(10[0345]|110|2\d\d|300)|B0\d\d|B904|E722|LOG(004|005|010|014)"),
    "semgrep": re.compile(r".+"),
}


class Case(NamedTuple):
    """A function of the fixtures, and where it stands."""

    path: Path
    group: str
    title: str
    first: int
    last: int

    @property
    def right(self) -> bool:
        return self.title.startswith("right")


class Hit(NamedTuple):
    """A report of a tool."""

    path: Path
    line: int
    code: str


def cases() -> Iterator[Case]:
    """Every function with a docstring, in the order of the files."""
    for path in sorted(HAZARDS.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        group = (ast.get_docstring(tree) or path.stem).rstrip(".")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (title := ast.get_docstring(node)):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                yield Case(path, group, title.partition("\n")[0], first, node.end_lineno or node.lineno)


def _output(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=HAZARDS, capture_output=True, text=True, check=False, env={**os.environ, "SEMGREP_SEND_METRICS": "off"}
    )
    if done.returncode not in range(32):
        raise SystemExit(f"{command[0]} failed with exit status {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def ours(program: str) -> Iterator[Hit]:  # noqa: ARG001
    report = check_paths(
        [str(HAZARDS)], Lookup(isolated=True, change=lambda _: Settings(root=str(HAZARDS), include_tests=True, select=RULES))
    )
    for diagnostic in report.diagnostics:
        yield Hit(Path(diagnostic.region.path).resolve(), diagnostic.region.line, diagnostic.code)


def ruff(program: str) -> Iterator[Hit]:
    told = _output(
        [program, "check", "--isolated", "--no-cache", "--preview", "--select", "ALL", "--ignore-noqa", "--output-format", "json", "."]
    )
    for one in json.loads(told):
        yield Hit(Path(one["filename"]), one["location"]["row"], one["code"] or "")


def bandit(program: str) -> Iterator[Hit]:
    for one in json.loads(_output([program, "-q", "-r", "-f", "json", "."]))["results"]:
        yield Hit(HAZARDS / one["filename"], one["line_number"], one["test_id"])


def pylint(program: str) -> Iterator[Hit]:
    told = _output([program, "--rcfile", os.devnull, "--enable", "all", "--disable", "import-error", "--output-format", "json", "."])
    for one in json.loads(told):
        yield Hit(HAZARDS / one["path"], one["line"], one["symbol"])


def flake8(program: str) -> Iterator[Hit]:
    told = _output(
        [program, "--isolated", "--disable-noqa", "--extend-select", "ASYNC,B,B9,LOG", "--format", "%(path)s\t%(row)d\t%(code)s", "."]
    )
    for line in told.splitlines():
        path, row, code = line.split("\t")
        yield Hit((HAZARDS / path).resolve(), int(row), code)


def semgrep(program: str) -> Iterator[Hit]:
    offline = ["--metrics=off", "--disable-version-check", "--oss-only", "--no-git-ignore", "--quiet", "--json"]
    told = _output([program, "scan", "--config", str(ROOT / "rules"), *offline, "."])
    for one in json.loads(told)["results"]:
        yield Hit((HAZARDS / one["path"]).resolve(), one["start"]["line"], one["check_id"])


TOOLS: dict[str, tuple[str, Callable[[str], Iterator[Hit]]]] = {
    "ours": ("", ours),
    "ruff": ("ruff, all rules", ruff),
    "bandit": ("bandit", bandit),
    "pylint": ("pylint, all checks", pylint),
    "flake8": ("flake8 with async, bugbear, logging", flake8),
    "semgrep": ("Semgrep with our pack", semgrep),
}


def hits(folders: list[str]) -> dict[str, list[Hit]]:
    """What each installed tool says that speaks of hazards."""
    path = os.pathsep.join([*folders, str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = {}
    for name, (_, run) in TOOLS.items():
        program = shutil.which(name, path=path) if name != "ours" else ""
        if program is not None:
            found[name] = [hit for hit in run(program) if SPEAKING[name].fullmatch(hit.code)]
    return found


def table(found: dict[str, list[Hit]]) -> str:
    """A row for each case, a column for each tool, and the sums."""
    titles = [TOOLS[name][0] or "reliability-lint" for name in found]
    lines = [f"| | {' | '.join(titles)} |", "|---|" + ":---:|" * len(found)]
    sums = {name: [0, 0] for name in found}
    group = ""
    every = list(cases())
    for case in every:
        if case.group != group:
            group = case.group
            lines.append(f"| **{group}** |" + " |" * len(found))
        cells = []
        for name, its in found.items():
            seen = any(hit.path.resolve() == case.path and case.first <= hit.line <= case.last for hit in its)
            sums[name][case.right] += seen
            cells.append(("false alarm" if seen else "") if case.right else "found" if seen else "–")
        lines.append(f"| {case.title} | {' | '.join(cells)} |")
    hazards, right = sum(not case.right for case in every), sum(case.right for case in every)
    lines.append(f"| **found, of {hazards}** | {' | '.join(str(sums[name][0]) for name in found)} |")
    lines.append(f"| **false alarms, of {right} that are right** | {' | '.join(str(sums[name][1]) for name in found)} |")
    return "\n".join(lines)


def main() -> int:
    """Prints the table, and brings the page up to date if asked to."""
    parser = argparse.ArgumentParser(prog="tools.comparison", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", action="append", default=[], metavar="FOLDER", help="where to look for tools first; may be repeated")
    parser.add_argument("--write", action="store_true", help=f"bring {PAGE.relative_to(ROOT)} up to date")
    arguments = parser.parse_args()
    made = table(hits(arguments.programs))
    print(made)
    if arguments.write:
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition("<!-- table -->\n")
        _, _, tail = rest.partition("<!-- end -->")
        PAGE.write_text(f"{head}<!-- table -->\n{made}\n<!-- end -->{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
