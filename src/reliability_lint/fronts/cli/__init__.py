"""
The command line.

Standard output is the report, standard error everything else. Exit codes: 0 nothing found, 1 findings, 2 a mistake, the user's or ours, whatever the format.

This module imports click alone, and commands import what they need when they run: `--version` and `--help` answer at once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from ... import __version__

# What each is for, so that a list of them imports none; a test compares them with what the commands say of themselves.
_COMMANDS = {
    "baseline": "Accept what is found today, so that only what is new is told.",
    "check": "Check files and folders.",
    "clean": "Delete what is kept between runs.",
    "completions": "Print what a shell needs to complete.",
    "config": "Show and check settings.",
    "debug": "Show what is known of a file, and why.",
    "doctor": "Look for what stands in the way.",
    "explain": "Explain a rule.",
    "files": "List the files that are checked, or say why one is not.",
    "fix": "Repair what can be repaired.",
    "init": "Set up a project: settings, hooks, continuous integration.",
    "rules": "List the rules.",
    "server": "Answer an editor.",
    "suppress": "Silence what a rule finds, with a reason.",
    "suppressions": "List the comments that silence findings.",
    "test": "Test rules of your own.",
}
PROGRAM = "reliability-lint"

CLEAN, FINDINGS, MISTAKE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


class _Commands(click.Group):
    """The commands, each in a module of its own that is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from ...mistake import Mistake, did_you_mean

            hint = did_you_mean(args[0], _COMMANDS) or f"there is {', '.join(_COMMANDS)}"
            raise Mistake(
                f"unknown command '{args[0]}'", column=len(PROGRAM) + 2, quote=f"{PROGRAM} {args[0]}", width=len(args[0]), hint=hint
            )
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name=PROGRAM, message="%(prog)s %(version)s")
def cli() -> None:
    """Finds what will page you: a linter for the reliability of Python backends."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs a command and leaves the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Runs a command; its exit code. No mistake of the user's, and none of ours, ends in a traceback."""
    if "_RELIABILITY_LINT_COMPLETE" in os.environ:  # the shell asks for completions
        from .completing import complete

        return complete(arguments, PROGRAM)
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has gone. What is still buffered must not fail once more when the interpreter ends.
        _to_nowhere(sys.stdout)
        return PIPE_CLOSED
    return code


def _invoke(arguments: list[str]) -> int:
    from ...mistake import Mistake

    try:
        with cli.make_context(PROGRAM, list(arguments)) as context:
            cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return MISTAKE
    except click.UsageError as error:
        error.show()
        return MISTAKE
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return MISTAKE
    except click.Abort:
        return INTERRUPTED
    except Mistake as mistake:
        click.echo(str(mistake), err=True)
        return MISTAKE
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("RELIABILITY_LINT_DEBUG"):
            raise
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        click.echo(f"error: reliability-lint failed ({said})\n  this is our mistake; RELIABILITY_LINT_DEBUG=1 shows where", err=True)
        return MISTAKE
    return CLEAN


def _to_nowhere(stream: object) -> None:
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[attr-defined]
        os.close(nowhere)
    except (OSError, AttributeError, ValueError):
        return
