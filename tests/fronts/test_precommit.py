"""The hooks that we offer, as pre-commit itself reads and runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import Group
from pre_commit import clientlib
from repository import Repository, quiet

from reliability_lint.fronts.cli import cli

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"

HOOKS = {hook["id"]: hook for hook in clientlib.load_manifest(str(MANIFEST))}


def test_the_manifest_is_valid_and_offers_the_hooks() -> None:
    assert list(HOOKS) == ["reliability-lint", "reliability-lint-staged", "reliability-lint-fix", "reliability-lint-config"]


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


def test_the_hook_that_repairs() -> None:
    hook = HOOKS["reliability-lint-fix"]
    assert hook["types_or"] == ["python"]
    assert hook["require_serial"] is True
    assert hook["pass_filenames"] is True
    assert hook["entry"] == "reliability-lint fix --force-exclude --exit-non-zero-on-fix"


def test_the_hook_for_settings() -> None:
    hook = HOOKS["reliability-lint-config"]
    # All settings are looked at whenever one changes, so no name is passed.
    assert (hook["entry"], hook["pass_filenames"]) == ("reliability-lint config validate", False)
    for name, matches in (("pyproject.toml", True), ("api/reliability-lint.toml", True), ("other.toml", False), ("xpyproject.toml", False)):
        assert bool(re.search(hook["files"], name)) is matches


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_the_manifest_uses_no_deprecated_field(hook: dict[str, Any]) -> None:
    assert set(hook["stages"]) <= set(clientlib.STAGES)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_the_command_of_the_entry_exists(hook: dict[str, Any]) -> None:
    _, name, *rest = hook["entry"].split()
    context = cli.make_context("reliability-lint", [name], resilient_parsing=True)
    assert isinstance(cli, Group)
    command = cli.get_command(context, name)
    if isinstance(command, Group):
        command = command.get_command(context, rest.pop(0))
    assert command is not None
    flags = rest
    assert set(flags) <= {option for parameter in command.params for option in parameter.opts}


BAD = "import asyncio\nimport time\n\n\nasync def settle(order):\n    time.sleep(1)  # why\n    await asyncio.sleep(1)\n"
GOOD = BAD.replace("time.sleep(1)  #", "await asyncio.sleep(1)  #")


def test_a_commit_is_repaired_and_then_goes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit itself, with the hook as the manifest has it but for how it is installed."""
    quiet(monkeypatch)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "kept"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    offered = HOOKS["reliability-lint-fix"]
    _, _, ours = offered["entry"].partition(" ")
    known = ("id", "name", "types_or", "require_serial", "pass_filenames")
    hook = {**{key: offered[key] for key in known}, "language": "unsupported", "entry": f"{sys.executable} -m reliability_lint {ours}"}
    repository = Repository(tmp_path / "shop")
    settings = '[tool.reliability-lint]\nexclude = ["old.py"]\n'
    repository.write({"a.py": BAD, "old.py": BAD, "notes.txt": BAD, "pyproject.toml": settings})
    repository.write({".pre-commit-config.yaml": json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]})})
    repository.git("add", "--all")

    def hooked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run"], cwd=repository.folder, capture_output=True, text=True, check=False
        )

    first = hooked()
    assert first.returncode == 1, first.stdout + first.stderr
    assert "Fixed 1 finding in 1 file (blocking-call-in-async ×1); nothing left." in first.stdout
    assert "files were modified by this hook" in first.stdout
    assert (repository.folder / "a.py").read_text() == GOOD
    assert {(repository.folder / name).read_text() for name in ("old.py", "notes.txt")} == {BAD}
    repository.git("add", "--all")
    second = hooked()
    assert second.returncode == 0, second.stdout + second.stderr


CAPTURED = {
    "a.py": "import requests\n\n\ndef rate():\n    return requests.get('https://rates.example')\n",
    "b.py": BAD,
    "pyproject.toml": "",
}


def test_the_hooks_are_installed_and_run_by_pre_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pre-commit try-repo` builds and installs this project; what it needs is taken from where these tests run, so that nothing has to be fetched."""
    quiet(monkeypatch)
    monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "kept"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if "site-packages" in path))
    for option, value in {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}.items():  # 0: it is off
        monkeypatch.setenv(option, value)
    ours = Repository(tmp_path / "ours")
    shutil.copytree(ROOT / "src", ours.folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.msgpack"))
    shutil.copytree(ROOT / "tools", ours.folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours.folder / name)
    ours.commit()
    shop = Repository(tmp_path / "shop")
    shop.commit({"c.py": "x = 1\n"})
    shop.write(CAPTURED)
    shop.git("add", "--all")

    def tried(hook: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "try-repo", str(ours.folder), hook, "--verbose"],
            cwd=shop.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    for hook in ("reliability-lint", "reliability-lint-staged"):
        done = tried(hook)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "a.py:5:12: warning: requests.get() may wait for ever" in done.stdout
    done = tried("reliability-lint-fix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert (shop.folder / "b.py").read_text() == GOOD
    shop.write({"pyproject.toml": "[tool.reliability-lint]\nselct = []\n"})
    shop.git("add", "--all")
    done = tried("reliability-lint-config")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "unknown option 'selct'" in done.stdout
