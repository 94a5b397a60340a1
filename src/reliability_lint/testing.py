"""
The face for tests of rules: docstring examples and fixtures, in which marks say what is found.

A mark is a trailing comment on the line where a finding is reported:

    requests.get(URL)             # REL101
    requests.get(URL)             # REL101 "may wait for ever"     and the message contains this
    a(requests.get(URL), b())     # REL101 REL701                  two rules, one line
    requests.get(URL)             # REL101 native only             the Semgrep pack does not find it
    requests.get(URL)             # REL101 REL701 native only: REL701      it finds one of the two
    fetch(URL)                    # missed: REL101                 should be found, is not; fails as soon as it is
    ping(URL)                     # false alarm: REL101            is found, should not be; fails as soon as it is not

Nothing may be found on any other line. A block of several files separates them by lines `# shop/http.py` that stand alone.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from .api import check_paths
from .diagnostics import Diagnostic
from .engine.settings import Lookup, Settings
from .registry import Rule

_BLOCK = re.compile(r"^(Bad|Good|Fixed)(?: \([^)\n]*\))?:\n\n((?:    .*\n|\n)+)", re.MULTILINE)
_MARK = re.compile(
    r"#\s*(?P<kind>missed: |false alarm: )?(?P<codes>REL\d{3}(?:\s+REL\d{3})*)(?:\s+\"(?P<text>[^\"]*)\")?(?P<native>\s+native only(?::(?P<only>(?:\s+REL\d{3})+))?)?\s*$"
)
_FILE = re.compile(r"^# ([\w./-]+\.(?:py|txt|toml|lock))$")


class Mark(NamedTuple):
    """What a line says about itself."""

    line: int
    code: str
    kind: str
    text: str
    native: bool


def marks(text: str) -> list[Mark]:
    """The marks of a text, line by line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _MARK.search(line)
        if match:
            kind = (match["kind"] or "").strip(" :")
            codes = match["codes"].split()
            native = (match["only"] or match["codes"]).split() if match["native"] else ()
            found += [Mark(number, code, kind, match["text"] or "", code in native) for code in codes]
    return found


def compare(text: str, diagnostics: Sequence[Diagnostic], codes: frozenset[str] | None = None) -> list[str]:
    """
    What differs between a file's marks and its findings, in words; nothing if all is as marked.

    With `codes`, only these are compared.
    """
    problems = []
    here = [d for d in diagnostics if codes is None or d.code in codes]
    found = {(d.region.line, d.code): d for d in here}
    wanted = {(mark.line, mark.code): mark for mark in marks(text) if codes is None or mark.code in codes}
    for (line, code), mark in sorted(wanted.items()):
        diagnostic = found.get((line, code))
        if mark.kind == "missed":
            if diagnostic is not None:
                problems.append(f"line {line}: {code} is found now: remove the mark 'missed'")
        elif diagnostic is None:
            problems.append(f"line {line}: {code} is not found" + (" any more: remove the mark 'false alarm'" if mark.kind else ""))
        elif mark.text and mark.text not in diagnostic.message:
            problems.append(f"line {line}: {code} says {diagnostic.message!r}, not {mark.text!r}")
    problems += [
        f"line {line}: {code} is found and not marked: {diagnostic.message}"
        for (line, code), diagnostic in sorted(found.items())
        if (line, code) not in wanted
    ]
    return problems


class Example(NamedTuple):
    """A block of code in a rule's docstring: its kind (Bad, Good, Fixed) and its files by name."""

    kind: str
    files: Mapping[str, str]


def examples(rule: Rule) -> Iterator[Example]:
    """The examples in a rule's docstring."""
    for block in _BLOCK.finditer(rule.doc + "\n"):
        yield Example(block[1], split(dedent(block[2]).strip() + "\n"))


def split(code: str) -> dict[str, str]:
    """The files of a block of code; `service.py` where it names none."""
    files: dict[str, list[str]] = {}
    name = "service.py"
    for line in code.splitlines(keepends=True):
        match = _FILE.match(line.rstrip())
        if match:
            name = match[1]
            files.setdefault(name, [])
        else:
            files.setdefault(name, []).append(line)
    return {name: "".join(lines) for name, lines in files.items() if "".join(lines).strip()}


def check_files(files: Mapping[str, str], select: Sequence[str], **changes: object) -> dict[str, list[Diagnostic]]:
    """Writes files into a scratch folder, checks them there with the selected rules, and gives the findings of each."""
    settings = Settings(select=tuple(select), **changes)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="service-") as scratch:
        folder = Path(scratch).resolve()
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for parent in path.parent.relative_to(folder).parents:
                if name.endswith(".py") and str(parent) != "." and not (folder / parent / "__init__.py").exists():
                    (folder / parent / "__init__.py").touch()
            if path.parent != folder and name.endswith(".py"):
                (path.parent / "__init__.py").touch()
            path.write_text(text, encoding="utf-8")
        (folder / "pyproject.toml").touch()
        lookup = Lookup(
            isolated=True, change=lambda one: Settings(**{**{f: getattr(one, f) for f in one.__struct_fields__}, **_given(settings)})
        )
        report = check_paths([str(folder)], lookup)
        found: dict[str, list[Diagnostic]] = {name: [] for name in files}
        for diagnostic in report.diagnostics:
            for name in files:
                if Path(diagnostic.region.path).resolve() == folder / name:
                    found[name].append(diagnostic)
        return found


def _given(settings: Settings) -> dict[str, object]:
    empty = Settings()
    return {field: getattr(settings, field) for field in settings.__struct_fields__ if getattr(settings, field) != getattr(empty, field)}


def run_example(rule: Rule, example: Example) -> list[str]:
    """What is wrong with an example: findings that are not marked, marks that are not found."""
    found = check_files(example.files, [rule.code])
    problems = [f"{name}: {problem}" for name, text in example.files.items() for problem in compare(text, found[name])]
    marked = any(mark.kind != "missed" for text in example.files.values() for mark in marks(text))
    if marked != (example.kind == "Bad"):
        problems.append(f"a {example.kind} example {'with' if marked else 'without'} marks")
    return problems
