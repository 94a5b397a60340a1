"""The hook that we offer, as pre-commit itself reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click import Group
from pre_commit import clientlib

from reliability_lint.fronts.cli import cli

MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"


HOOKS = {hook["id"]: hook for hook in clientlib.load_manifest(str(MANIFEST))}


def test_the_manifest_is_valid_and_offers_two_hooks() -> None:
    assert list(HOOKS) == ["reliability-lint", "reliability-lint-staged"]


def test_the_hook_for_files() -> None:
    hook = HOOKS["reliability-lint"]
    assert hook["language"] == "python"
    assert hook["types_or"] == ["python", "jupyter"]
    # We run processes of our own: pre-commit must not run several of us at once.
    assert hook["require_serial"] is True
    # Files are passed by name, and those that the settings exclude must stay excluded.
    assert hook["pass_filenames"] is True
    assert hook["entry"] == "reliability-lint check --force-exclude"


def test_the_hook_for_what_is_staged() -> None:
    hook = HOOKS["reliability-lint-staged"]
    assert hook["require_serial"] is True
    # It looks for itself at what is staged, and at what that concerns.
    assert hook["pass_filenames"] is False
    assert hook["entry"] == "reliability-lint check --staged"


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_the_manifest_uses_no_deprecated_field(hook: dict[str, Any]) -> None:
    assert set(hook["stages"]) <= set(clientlib.STAGES)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_the_command_of_the_entry_exists(hook: dict[str, Any]) -> None:
    _, name, *flags = hook["entry"].split()
    context = cli.make_context("reliability-lint", [name], resilient_parsing=True)
    assert isinstance(cli, Group)
    command = cli.get_command(context, name)
    assert command is not None
    assert set(flags) <= {option for parameter in command.params for option in parameter.opts}
