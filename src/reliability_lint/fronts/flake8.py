"""
The flake8 plugin: what the engine finds in one file, in flake8's words.

Settings and the baseline are those that the command line would find for the file, unless `--rel-config` names other settings; flake8 then shows what its own
`--select` and `--ignore` let through. It does not ask plugins about files with syntax errors, which it reports itself (E999), so nothing is told twice.
"""

from __future__ import annotations

import argparse
import ast
import os
from collections.abc import Iterator, Sequence
from functools import cache

from flake8.exceptions import ExecutionError  # type: ignore[import-untyped]
from flake8.options.manager import OptionManager  # type: ignore[import-untyped]

from .. import __version__, registry
from ..diagnostics import Diagnostic
from ..engine.baseline import Places, check_accepted, new_in
from ..engine.checker import Checker
from ..engine.discover import Found
from ..engine.settings import Lookup
from ..libraries.load import ModelError, installed
from ..mistake import Mistake
from ..text.paths import shown_path


class _Run:
    """What a process of flake8 keeps from file to file: no file is parsed again for each one that imports from it."""

    def __init__(self, config: str) -> None:
        self.lookup = Lookup(config)
        self.places = Places()
        self.checker = Checker()

    def check(self, path: str, text: str) -> tuple[Diagnostic, ...]:
        """What is found in a file, but for what a baseline has."""
        real = os.path.realpath(path)
        found = Found(real, shown_path(real), self.lookup.of_file(real))
        self.checker.overlay = {real: text}
        return new_in(found, self.checker.check(found), self.lookup, self.places)


@cache
def _run(config: str) -> _Run:
    return _Run(config)


class Plugin:
    """flake8 makes one for every file that parses; that it takes `tree` tells flake8 so."""

    name = "reliability-lint"
    version = __version__
    config = ""

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:  # noqa: ARG002
        self.filename = filename
        self.text = "".join(lines)

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Our one option; flake8 also reads it, as `rel-config`, from its own configuration."""
        manager.add_option(
            "--rel-config",
            metavar="FILE",
            default="",
            parse_from_config=True,
            normalize_paths=True,
            help="Take the settings of reliability-lint from this file, for all files.",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """
        Called once, before any file is read.

        A mistake in the settings, in a baseline or in what is installed for us is told here where it can be: raised later, in one of several processes, it ends them all while they are being
        given work, and Python may then wait for them for ever.
        """
        cls.config = options.rel_config
        try:
            registry.rules()  # those of third parties may be broken
            installed()
        except (Mistake, ModelError) as mistake:
            raise ExecutionError(str(mistake)) from None
        lookup, places = Lookup(cls.config), Places()
        for asked in getattr(options, "filenames", None) or [os.curdir]:
            real = os.path.realpath(asked)
            try:
                check_accepted(real if os.path.isdir(real) else os.path.dirname(real), lookup, places)  # noqa: PTH112, PTH120
            except Mistake as mistake:
                raise ExecutionError(str(mistake)) from None

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """What is wrong: line, column from 0, code and text."""
        try:
            found = _run(self.config).check(self.filename, self.text)
        except Mistake as mistake:
            # The one exception that flake8 shows without a traceback.
            raise ExecutionError(str(mistake)) from None
        for diagnostic in found:
            region = diagnostic.region
            yield region.line, region.column - 1, f"{diagnostic.code} {diagnostic.name}: {diagnostic.message}", type(self)


class Prefix:
    """
    Makes codes with another prefix known to flake8, which else shows only those that begin with the names of its plugins.

    A distribution with rules of its own registers it under the prefix of their codes. It gives nothing: `Plugin` gives the findings of all rules.
    """

    name = "reliability-lint"
    version = __version__

    def __init__(self, tree: ast.AST) -> None:
        """flake8 wants an argument by which it knows what kind of plugin this is."""

    def run(self) -> Iterator[tuple[int, int, str, type[Prefix]]]:
        """Nothing."""
        yield from ()
