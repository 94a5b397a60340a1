"""
The pylint plugin: what the engine finds in one file, as messages of pylint. `load-plugins=reliability_lint.fronts.pylint` in its settings loads it.

Settings are those that the command line would find for the file, unless `--rel-config` names others; pylint then shows what its own `enable`, `disable` and
`confidence` let through. It does not ask plugins about files with syntax errors, which it reports itself (E0001), so nothing is told twice.

pylint wants one checker for all messages whose ids begin alike, so there is one for each family, made from the registry. All of them hear of each file; the
first to do so has it checked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from astroid import nodes  # type: ignore[import-untyped]
from pylint.checkers import BaseRawFileChecker
from pylint.interfaces import HIGH, INFERENCE
from pylint.lint import PyLinter

from .. import registry
from ..diagnostics import Diagnostic, FileReport, Severity
from ..engine.check import text_of
from ..engine.checker import Checker
from ..engine.discover import Found, shown_path
from ..engine.mistake import Mistake
from ..engine.settings import Lookup
from .astroid_types import AstroidTypes

_LETTERS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.NOTE: "R"}
_USAGE_ERROR = 32  # the exit status of pylint for mistakes in arguments and settings


def block(code: str) -> str:
    """What the ids of a family begin with, after their letter: 7, of the range that pylint leaves to plugins, and the digit of the family's codes."""
    return f"7{code[3]}"


def symbol(name: str) -> str:
    """What pylint calls a rule. With a prefix, because it has a `missing-timeout` of its own."""
    return f"rel-{name}"


def identifier(code: str, severity: Severity) -> str:
    """The id of a rule's message: REL101, an error, is E7101."""
    return f"{_LETTERS[severity]}{block(code)}{code[4:]}"


def message(rule: registry.Rule) -> tuple[str, str, str, dict[str, Any]]:
    """
    What pylint is told of a rule.

    Its id would change with its severity. The ids with the other letters are former names of it, so that settings and comments that have one go on to hold.
    Each former id needs a former symbol; the code is one that somebody might write.
    """
    others = [other for other in _LETTERS if other is not rule.severity]
    symbols = (rule.code, f"old-{symbol(rule.name)}")
    former = [(identifier(rule.code, other), called) for other, called in zip(others, symbols, strict=True)]
    return "%s", symbol(rule.name), f"{rule.summary} See `reliability-lint explain {rule.code}`.", {"old_names": former}


class _Run:
    """What a process of pylint keeps from file to file: no file is parsed again for each one that imports from it."""

    def __init__(self, config: str) -> None:
        self.lookup = Lookup(config)
        self.types = AstroidTypes()
        self.checker = Checker(inference=self.types)
        self._last: tuple[nodes.Module, FileReport] | None = None

    def check(self, module: nodes.Module) -> FileReport:
        """The report of a module. Those that ask for it do so one after the other."""
        if self._last is None or self._last[0] is not module:
            self._last = module, self._check(module)
        return self._last[1]

    def _check(self, module: nodes.Module) -> FileReport:
        real = os.path.realpath(module.file)
        shown = shown_path(real)
        found = Found(real, shown, self.lookup.of_file(real))
        with module.stream() as stream:
            text = text_of(stream.read(), shown)
        if isinstance(text, FileReport):
            return text
        self.checker.overlay = {real: text}
        self.types.module = module
        return self.checker.check(found)


@cache
def _run(config: str) -> _Run:
    return _Run(config)


class FamilyChecker(BaseRawFileChecker):
    """The messages of one family. They are attributes of the object, for pylint sends its checkers to other processes, where a class made here is not."""

    name = "reliability"

    def __init__(self, linter: PyLinter, rules: Sequence[registry.Rule], options: tuple[Any, ...] = ()) -> None:
        self.msgs = {identifier(rule.code, rule.severity): message(rule) for rule in rules}
        self.symbols = {rule.code: symbol(rule.name) for rule in rules}
        self.options = options
        super().__init__(linter)

    def process_module(self, node: nodes.Module) -> None:
        """Tells what is found in a file and belongs to the family."""
        if not node.file:
            return
        try:
            report = _run(self.linter.config.rel_config).check(node)
        except Mistake as mistake:
            print(mistake, file=sys.stderr)
            raise SystemExit(_USAGE_ERROR) from None
        for diagnostics, confidence in ((report.diagnostics, HIGH), (report.inferred, INFERENCE)):
            for one in diagnostics:
                if one.code in self.symbols:
                    self.add_message(self.symbols[one.code], args=one.message, confidence=confidence, **_place(one))


def _place(one: Diagnostic) -> Mapping[str, Any]:
    region = one.region
    return {
        "line": region.line,
        "col_offset": region.column - 1,
        "end_lineno": region.end_line,
        "end_col_offset": region.end_column - 1,
    }


_CONFIG = (
    "rel-config",
    {"type": "string", "default": "", "metavar": "<file>", "help": "Take the settings of reliability-lint from this file, for all files."},
)


def register(linter: PyLinter) -> None:
    """Called by pylint when it loads the plugin."""
    families: dict[str, list[registry.Rule]] = {}
    for rule in registry.rules().values():
        families.setdefault(block(rule.code), []).append(rule)
    for number, rules in enumerate(families.values()):
        linter.register_checker(FamilyChecker(linter, rules, () if number else (_CONFIG,)))
