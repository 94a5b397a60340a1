"""
The pylint plugin: what the engine finds in one file, as messages of pylint. `load-plugins=reliability_lint.fronts.pylint` in its settings loads it.

Settings and the baseline are those that the command line would find for the file, unless `--rel-config` names other settings; pylint then shows what its own
`enable`, `disable` and `confidence` let through. It does not ask plugins about files with syntax errors, which it reports itself (E0001), so nothing is told twice.

pylint wants one checker for all messages whose ids begin alike, so there is one for each family, made from the registry. All of them hear of each file; the
first to do so has it checked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, NoReturn

import msgspec
from astroid import nodes  # type: ignore[import-untyped]
from pylint.checkers import BaseRawFileChecker
from pylint.constants import WarningScope
from pylint.interfaces import HIGH, INFERENCE, Confidence
from pylint.lint import PyLinter
from pylint.typing import ExtraMessageOptions

from .. import registry
from ..diagnostics import Diagnostic, FileReport
from ..engine.baseline import Places, new_in
from ..engine.check import text_of
from ..engine.checker import Checker
from ..engine.discover import Found
from ..engine.settings import Lookup
from ..mistake import Mistake
from ..text.paths import shown_path
from .astroid_types import AstroidTypes
from .pylint_ids import block, former, identifier, symbol

_USAGE_ERROR = 32  # the exit status of pylint for mistakes in arguments and settings


def _message(rule: registry.Rule) -> tuple[str, str, str, ExtraMessageOptions]:
    """What pylint is told of a rule. Its messages are about nodes, so that comments hold for them as for most others, and pylint can say in which function."""
    extra: ExtraMessageOptions = {"old_names": former(rule), "scope": WarningScope.NODE}
    return "%s", symbol(rule.name), f"{rule.summary} See `reliability-lint explain {rule.code}`.", extra


class _Run:
    """What a process of pylint keeps from file to file: no file is parsed again for each one that imports from it."""

    def __init__(self, config: str) -> None:
        self.lookup = Lookup(config)
        self.places = Places()
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
        report = self.checker.check(found)
        return msgspec.structs.replace(report, diagnostics=new_in(found, report, self.lookup, self.places))


@cache
def _run(config: str) -> _Run:
    return _Run(config)


class FamilyChecker(BaseRawFileChecker):
    """
    What reliability-lint finds: code that works in every test and fails in production.

    (pylint shows the first sentence.) One of them has the messages of one family. They are attributes of the object, for pylint sends its checkers to other
    processes, where a class that was made here is not.
    """

    name = "reliability"

    def __init__(self, linter: PyLinter, rules: Sequence[registry.Rule], options: tuple[Any, ...] = ()) -> None:
        self.msgs = {identifier(rule.code, rule.severity): _message(rule) for rule in rules}
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
            _end(mistake)
        for diagnostics, confidence in ((report.diagnostics, HIGH), (report.inferred, INFERENCE)):
            for one in diagnostics:
                if one.code in self.symbols:
                    self._tell(one, node, confidence)

    def _tell(self, one: Diagnostic, module: nodes.Module, confidence: Confidence) -> None:
        region = one.region
        self.add_message(
            self.symbols[one.code],
            line=region.line,
            node=_scope(module, region.line),
            args=one.message,
            confidence=confidence,
            col_offset=region.column - 1,
            end_lineno=region.end_line,
            end_col_offset=region.end_column - 1,
        )


def _end(mistake: Mistake) -> NoReturn:
    print(mistake, file=sys.stderr)
    raise SystemExit(_USAGE_ERROR) from None


def _scope(node: nodes.NodeNG, line: int) -> nodes.NodeNG:
    """The innermost function or class around a line, or the module: pylint shows its name where that is asked for."""
    scope = node
    while (inner := next((one for one in node.get_children() if _holds(one, line)), None)) is not None:
        node = inner
        if isinstance(node, nodes.FunctionDef | nodes.ClassDef):
            scope = node
    return scope


def _holds(node: nodes.NodeNG, line: int) -> bool:
    return bool(node.fromlineno is not None and node.fromlineno <= line <= node.tolineno)


_CONFIG = (
    "rel-config",
    {"type": "string", "default": "", "metavar": "<file>", "help": "Take the settings of reliability-lint from this file, for all files."},
)


def register(linter: PyLinter) -> None:
    """Called by pylint when it loads the plugin."""
    families: dict[str, list[registry.Rule]] = {}
    try:
        rules_there = registry.rules().values()
    except Mistake as mistake:
        _end(mistake)
    for rule in rules_there:
        # A project rule asks for all files at once, and codes of third parties have no numbers that would be theirs alone.
        if rule.project or rule.origin:
            continue
        families.setdefault(block(rule.code), []).append(rule)
    for number, rules in enumerate(families.values()):
        linter.register_checker(FamilyChecker(linter, rules, () if number else (_CONFIG,)))
