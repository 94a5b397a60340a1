"""`reliability-lint explain`."""

from __future__ import annotations

import sys

import click

from . import completing
from .running import ALLOW, ALLOWS, know_local_rules


@click.command(short_help="Explain a rule.")
@click.argument("rule", shell_complete=completing.rules)
@click.option("--allow-local-rules", is_flag=True, envvar=ALLOW, help=ALLOWS)
def explain(rule: str, allow_local_rules: bool) -> None:
    """Explain RULE, by code or name: what is wrong, why it hurts, bad and good code, options."""
    from ... import registry
    from ...engine.selection import catalogue, suggestion
    from ...mistake import Mistake

    know_local_rules(allowed=allow_local_rules)
    rules = registry.rules()
    found = rules.get(rule.upper()) or next((one for one in rules.values() if one.name == rule), None)
    if found is None:
        reserved = next((one for one in catalogue().values() if rule.upper() == one.code or rule == one.name), None)
        if reserved:
            raise Mistake(f"{reserved.name} ({reserved.code}) is reserved for a rule that is not there yet")
        meant = suggestion(rule)
        named = meant in rules or any(one.name == meant for one in rules.values())
        hint = f"did you mean '{meant}'?" if named else "list them with: reliability-lint rules"
        raise Mistake(f"unknown rule '{rule}'", quote=f"explain {rule}", column=len("explain ") + 1, width=len(rule), hint=hint)
    show(found.code)


def show(code: str) -> None:
    """Writes the page of a rule to standard output."""
    from ... import registry
    from ...reports.documentation import markdown
    from ...reports.ink import wants_colour
    from .output import write_text

    page = markdown(registry.rules()[code])
    if wants_colour(sys.stdout):
        from rich.console import Console
        from rich.markdown import Markdown

        Console(file=sys.stdout, force_terminal=True, width=None if sys.stdout.isatty() else 100).print(Markdown(page))
    else:
        write_text(page)
