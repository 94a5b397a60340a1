"""`reliability-lint completions`."""

from __future__ import annotations

import click

from .completing import SHELLS


@click.command(short_help="Print what a shell needs to complete.")
@click.argument("shell", type=click.Choice(SHELLS))
def completions(shell: str) -> None:
    """
    Print a script for SHELL that lets it complete commands, options, rules and formats.

    \b
      bash        reliability-lint completions bash > ~/.local/share/bash-completion/completions/reliability-lint
      zsh         eval "$(reliability-lint completions zsh)", in ~/.zshrc
      fish        reliability-lint completions fish > ~/.config/fish/completions/reliability-lint.fish
      powershell  reliability-lint completions powershell | Out-String | Invoke-Expression, in $PROFILE
    """
    from . import PROGRAM
    from .completing import script
    from .output import write_data

    write_data(script(shell, PROGRAM))
