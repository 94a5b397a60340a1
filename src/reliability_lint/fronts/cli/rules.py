"""`reliability-lint rules`."""

from __future__ import annotations

import sys

import click

from . import completing
from .running import ALLOW, ALLOWS, know_local_rules


@click.command(short_help="List the rules.")
@click.option("--family", shell_complete=completing.families, help="Only the rules of this family.")
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--allow-local-rules", is_flag=True, envvar=ALLOW, help=ALLOWS)
def rules(family: str | None, output_format: str, allow_local_rules: bool) -> None:
    """List all rules: code, name, severity, the preset they come with, and what they find."""
    from ... import registry
    from ...mistake import Mistake, did_you_mean
    from ...reports.ink import coloured, plain, wants_colour
    from .output import write_data, write_text

    know_local_rules(allowed=allow_local_rules)
    everything = registry.rules().values()
    families = sorted({rule.family for rule in everything})
    if family is not None and family not in families:
        hint = did_you_mean(family, families) or f"there is {', '.join(families)}"
        raise Mistake(f"unknown family '{family}'", quote=f"--family {family}", column=10, width=len(family), hint=hint)
    chosen = [rule for rule in everything if family in (None, rule.family)]
    if output_format == "json":
        import msgspec

        from ...reports.documentation import toml

        listed = [
            {
                "code": rule.code,
                "name": rule.name,
                "family": rule.family,
                "origin": rule.whose,
                "preset": rule.set,
                "severity": rule.severity.value,
                "summary": rule.summary,
                "options": {key.replace("_", "-"): toml(value) for key, value in rule.options.items()},
            }
            for rule in chosen
        ]
        write_data(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode() + "\n")
        return
    ink = coloured if wants_colour(sys.stdout) else plain
    name_width = max((len(rule.name) for rule in chosen), default=0)
    lines = [
        f"{rule.code}  {ink('name', f'{rule.name:<{name_width}}')}  {ink(rule.severity.value, f'{rule.severity.value:<7}')}"
        f"  {rule.set:<11}  {rule.summary}"
        for rule in chosen
    ]
    write_text("".join(f"{line}\n" for line in lines))
