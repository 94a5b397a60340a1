"""
What shells are told when somebody presses the tab key.

It must be there at once, so no rule is imported: which rules there are is read from the catalogue and from the names of their files. Nothing is ever printed
but completions, for a shell shows what is written to its errors in the middle of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem, ShellComplete

VARIABLE = "_RELIABILITY_LINT_COMPLETE"
SHELLS = ("bash", "zsh", "fish", "powershell")

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:COMP_WORDS = ($commandAst.CommandElements | ForEach-Object { $_.Extent.Text }) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    $env:%(complete_var)s = 'powershell_complete'
    try {
        %(prog_name)s | ForEach-Object {
            $kind, $value, $about = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                $shown = if ($about) { $about } else { $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $shown)
            }
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s -ErrorAction SilentlyContinue
    }
}
"""


def complete(arguments: list[str], program: str) -> int:
    """Answers a shell; the exit code."""
    from . import cli

    _register()
    try:
        cli.main(arguments, prog_name=program, complete_var=VARIABLE)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception:  # what is typed so far need not make sense
        return 1


def script(shell: str, program: str) -> str:
    """What a shell has to read once, to ask us from then on."""
    from click.shell_completion import ShellComplete, get_completion_class

    from . import cli

    _register()
    kind = get_completion_class(shell)
    assert kind is not None
    # Not its own `source`: that of bash starts a bash, to see how old it is.
    return ShellComplete.source(kind(cli, {}, program, VARIABLE))


def _register() -> None:
    from click.shell_completion import add_completion_class

    add_completion_class(_powershell())
    add_completion_class(_fish())


def _fish() -> type[ShellComplete]:
    from click.shell_completion import FishComplete

    class Fish(FishComplete):
        """As click's own, but what is completed may hold commas."""

        source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')

    return Fish


def _powershell() -> type[ShellComplete]:
    import os

    from click.shell_completion import ShellComplete

    class PowerShell(ShellComplete):
        """As click's own: words by the environment, one completion on a line."""

        name = "powershell"
        source_template = _POWERSHELL

        def get_completion_args(self) -> tuple[list[str], str]:
            words = os.environ.get("COMP_WORDS", "").splitlines()
            incomplete = os.environ.get("COMP_CWORD", "")
            arguments = words[1:]
            if incomplete and arguments and arguments[-1] == incomplete:
                arguments.pop()
            return arguments, incomplete

        def format_completion(self, item: CompletionItem) -> str:
            return f"{item.type}\t{item.value}\t{item.help or ''}"

    return PowerShell


# -- what can stand where


def selectors(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of a list with commas the last part: names, codes, families, presets, and `all`."""
    from ...engine.settings import PRESETS

    before, comma, last = incomplete.rpartition(",")
    done = set(before.split(","))
    families = dict.fromkeys(sorted(family for _, _, family in _rules()), "family")
    known = [*_named(), *families.items(), *((preset, "preset") for preset in PRESETS), ("all", "all rules")]
    return _items((f"{before}{comma}{name}", about) for name, about in known if name not in done and name.startswith(last))


def rules(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names and codes of rules."""
    return _items((name, about) for name, about in _named() if name.startswith(incomplete))


def selector(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names, codes and families, of which one can be named."""
    families = dict.fromkeys(sorted(family for _, _, family in _rules()), "family")
    return _items((name, about) for name, about in (*_named(), *families.items()) if name.startswith(incomplete))


def families(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The families of rules."""
    return _items((family, "") for family in sorted({family for _, _, family in _rules()}) if family.startswith(incomplete))


def formats(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The formats of reports."""
    from .reporting import FORMATS

    return _items((name, "") for name in FORMATS if name.startswith(incomplete))


def _named() -> Iterator[tuple[str, str]]:
    """Rules by name, and by code."""
    found = list(_rules())
    yield from ((name, code) for code, name, _ in found)
    yield from ((code, name) for code, name, _ in found)


def _rules() -> Iterator[tuple[str, str, str]]:
    """Code, name and family of the rules that are there, ours and those that are installed; others of our codes are only reserved."""
    from ...engine.local_rules import declared
    from ...engine.selection import own_catalogue
    from ...plugins import code_of, rule_plugins

    folder = Path(__file__).parents[2] / "rules"
    for entry in own_catalogue().values():
        if entry.family == "meta" or (folder / entry.family / f"{entry.name.replace('-', '_')}.py").is_file():
            yield entry.code, entry.name, entry.family
    for plugin in rule_plugins():
        for entry in (entry for path in code_of(plugin) for entry in declared(path)):
            yield entry.code, entry.name, plugin.name


def _items(found: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=about) for name, about in found]
