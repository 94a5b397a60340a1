"""The hook that we offer, as pre-commit itself reads it."""

from __future__ import annotations

from pathlib import Path

from click import Group
from pre_commit import clientlib

from reliability_lint.fronts.cli import cli

MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"


def test_the_manifest_is_valid_and_offers_one_hook() -> None:
    (hook,) = clientlib.load_manifest(str(MANIFEST))
    assert hook["id"] == "reliability-lint"
    assert hook["language"] == "python"
    assert hook["types_or"] == ["python"]
    # We run processes of our own: pre-commit must not run several of us at once.
    assert hook["require_serial"] is True
    # Files are passed by name, and those that the settings exclude must stay excluded.
    assert hook["pass_filenames"] is True
    assert hook["entry"] == "reliability-lint check --force-exclude"


def test_the_manifest_uses_no_deprecated_field() -> None:
    (hook,) = clientlib.load_manifest(str(MANIFEST))
    assert set(hook["stages"]) <= set(clientlib.STAGES)


def test_the_command_of_the_entry_exists() -> None:
    (hook,) = clientlib.load_manifest(str(MANIFEST))
    _, name, *flags = hook["entry"].split()
    context = cli.make_context("reliability-lint", [name], resilient_parsing=True)
    assert isinstance(cli, Group)
    command = cli.get_command(context, name)
    assert command is not None
    assert set(flags) <= {option for parameter in command.params for option in parameter.opts}
